/* The registration of DVPN: two clients, one server, one intruder. What each end does with what comes is looked up in
 * the tables of dvpn/registration_table.h (table.pml is made from them). The network is the set of all messages that
 * were ever sent: any of them may be delivered at any time, again and in any order, or never. The intruder besides
 * invents what is not sealed, knows every nonce, and has a registration of its own, without a user.
 *
 * Both clients want the same private address. A message is named by who sends it in which attempt; of what is sealed
 * only its owner and the server make one.
 */
#include "table.pml"

#define CLIENTS 2
#define ATTEMPTS 2      /* of the first client; the second has one */
#define LAST(c) (ATTEMPTS - c)
#define MAPS 5          /* one an attempt of each client, and the intruder's */
#define INTRUDER 4
#define M(c) (c * ATTEMPTS + attempt[c] - 1)

typedef Sent {          /* what was sent in an attempt */
  bit alg_req, alg_rsp, kex_req, kex_rsp, auth_req, accepted, rejected, reg_req, registered, not_registered;
  bit refuse, refuse_back, abort, release;
}
Sent sent[MAPS];

byte crow[CLIENTS];     /* the clients */
byte attempt[CLIENTS];
bit in_doubt[CLIENTS];

byte srow[MAPS];        /* the server's maps */
bit proved[MAPS];       /* its user was accepted */
bit admitted[MAPS];

hidden byte act, was, i;

inline check_server() {
  i = 0;
  do
  :: i < MAPS ->
     assert(!(srow[i] >= S_FINISHED__UNPROVEN) || proved[i]);           /* no map without proof */
     i++
  :: else -> break
  od;
  assert((srow[0] >= S_FINISHED__UNPROVEN) + (srow[1] >= S_FINISHED__UNPROVEN) + (srow[2] >= S_FINISHED__UNPROVEN) +
         (srow[3] >= S_FINISHED__UNPROVEN) + (srow[4] >= S_FINISHED__UNPROVEN) <= 1);  /* no two owners of an address */
}

/* good: what came says yes. genuine: it is sealed, or a timer or an operator of this end. */
inline client(c, input, good, genuine) {
  was = crow[c];
  act = client_action[was * C_INPUTS + input];
  if
  :: act == CA_OFFER && attempt[c] == LAST(c) -> skip                  /* no more of them in this model */
  :: else ->
     if
     :: act == CA_OFFER -> attempt[c]++; sent[M(c)].alg_req = 1; in_doubt[c] = 0; next_row(c, client_next[act])
     :: act == CA_KEY -> sent[M(c)].kex_req = good; in_doubt[c] = 0; next_row(c, client_next[act])
     :: act == CA_PROVE && good -> sent[M(c)].auth_req = 1; in_doubt[c] = 0; next_row(c, client_next[act])
     :: act == CA_INFORM && good -> sent[M(c)].reg_req = 1; in_doubt[c] = 0; next_row(c, client_next[act])
     :: act == CA_FINISH && good -> in_doubt[c] = 0; next_row(c, client_next[act])
     :: (act == CA_PROVE || act == CA_INFORM || act == CA_FINISH) ->    /* it says no, or this end cannot live with it */
        sent[M(c)].abort = 1; client_failed(c)
     :: act == CA_DOUBT -> in_doubt[c] = 1; next_row(c, client_next[act])
     :: act == CA_FAIL -> client_failed(c)
     :: act == CA_GIVE_UP ->
        if
        :: was >= C_AUTHENREQ -> sent[M(c)].abort = 1
        :: else -> sent[M(c)].refuse_back = 1
        fi;
        client_failed(c)
     :: act == CA_PART || act == CA_REST -> in_doubt[c] = 0; next_row(c, client_next[act])
     :: act == CA_AGAIN || act == CA_DROP -> skip
     fi
  fi;
  assert(genuine || was != C_SUCCESS || crow[c] == C_SUCCESS);          /* no end by the unauthenticated */
  assert(crow[c] != C_SUCCESS || admitted[M(c)]);                       /* no map that the server did not give */
  assert((input != CI_TIME_LIMIT && input != CI_TIME_OF_DOUBT) || was == C_INIT || was == C_SUCCESS || crow[c] == C_INIT);
}

inline next_row(c, row) {
  if
  :: row != 0 -> crow[c] = row
  :: else -> skip
  fi
}
inline client_failed(c) {
  in_doubt[c] = 0;
  next_row(c, client_error[act]);
  assert(crow[c] == C_INIT)                                             /* every error ends in the initial state */
}

inline map_row(m, row) {
  if
  :: row != 0 -> srow[m] = row
  :: else -> skip
  fi;
  if
  :: srow[m] == S_NONE -> proved[m] = 0
  :: else -> skip
  fi
}

inline server(m, input, good, genuine) {
  was = srow[m];
  act = server_action[was * S_INPUTS + input];
  if
  :: act == SA_CHOOSE || (act == SA_APART && input == SI_ALG_REQ) ->
     if
     :: sent[m].alg_rsp = 1
     :: sent[m].refuse = 1
     fi
  :: act == SA_AGREE && good -> sent[m].kex_rsp = 1; map_row(m, server_next[act])
  :: act == SA_AGREE && !good -> sent[m].refuse = 1
  :: act == SA_APART && input == SI_KEX_REQ -> skip                     /* a map that nobody finishes */
  :: act == SA_ASK -> map_row(m, server_next[act])
  :: act == SA_PASS -> proved[m] = 1; sent[m].accepted = 1; map_row(m, server_next[act])
  :: act == SA_REJECT -> sent[m].rejected = 1; map_row(m, server_next[act])
  :: act == SA_ADMIT ->
     i = 0;
     do
     :: i < MAPS && i != m && srow[i] >= S_FINISHED__UNPROVEN -> break
     :: i < MAPS && !(i != m && srow[i] >= S_FINISHED__UNPROVEN) -> i++
     :: i == MAPS -> break
     od;
     if
     :: i < MAPS && (i / ATTEMPTS != m / ATTEMPTS || m == INTRUDER) ->  /* it is another user's */
        sent[m].not_registered = 1; map_row(m, server_other[act])
     :: else ->
        if
        :: i < MAPS -> map_row(i, S_NONE)                               /* the client registered again */
        :: else -> skip
        fi;
        sent[m].registered = 1; admitted[m] = 1; map_row(m, server_next[act])
     fi
  :: act == SA_PROVEN || act == SA_LEFT -> map_row(m, server_next[act])
  :: act == SA_END ->
     if
     :: input == SI_REMOVE && was >= S_FINISHED__UNPROVEN -> sent[m].release = 1
     :: else -> skip
     fi;
     map_row(m, server_next[act])
  :: act == SA_REFUSE -> sent[m].refuse = 1
  :: act == SA_AGAIN || act == SA_WAIT || act == SA_DROP -> skip
  fi;
  assert(genuine || was < S_FINISHED__UNPROVEN || srow[m] == was);      /* no end by the unauthenticated */
  check_server()
}

proctype Client(byte c) {
  do
  :: atomic { crow[c] == C_INIT && attempt[c] < LAST(c) -> client(c, CI_BEGIN, 1, 1) }
  :: atomic { attempt[c] > 0 && sent[M(c)].alg_rsp -> client(c, CI_ALG_RSP, 1, 0) }
  :: atomic { attempt[c] > 0 && sent[M(c)].kex_rsp -> client(c, CI_KEX_RSP, 1, 0) }
  :: atomic { attempt[c] > 0 && sent[M(c)].kex_rsp -> client(c, CI_KEX_RSP, 0, 0) }   /* something is wrong with it */
  :: atomic { attempt[c] > 0 && sent[M(c)].accepted -> client(c, CI_AUTH_RSP, 1, 1) }
  :: atomic { attempt[c] > 0 && sent[M(c)].rejected -> client(c, CI_AUTH_RSP, 0, 1) }
  :: atomic { attempt[c] > 0 && sent[M(c)].registered -> client(c, CI_REG_RSP, 1, 1) }
  :: atomic { attempt[c] > 0 && sent[M(c)].registered -> client(c, CI_REG_RSP, 0, 1) }  /* the policy cannot be served */
  :: atomic { attempt[c] > 0 && sent[M(c)].not_registered -> client(c, CI_REG_RSP, 0, 1) }
  :: atomic { attempt[c] > 0 && sent[M(c)].refuse -> client(c, CI_REFUSE, 1, 0) }
  :: atomic { attempt[c] > 0 && sent[M(c)].release && crow[c] >= C_AUTHENREQ -> client(c, CI_RELEASE, 1, 1) }
  :: atomic { crow[c] > C_INIT && crow[c] < C_SUCCESS -> client(c, CI_TIME_LIMIT, 1, 1) }
  :: atomic { in_doubt[c] -> client(c, CI_TIME_OF_DOUBT, 1, 1) }
  :: atomic { crow[c] == C_SUCCESS -> client(c, CI_LEAVE, 1, 1) }
  :: atomic { crow[c] == C_INIT && attempt[c] == LAST(c) -> break }
  od
}

/* Delivers to the server what any client ever sent, and lets its own time and its operator do what they may. */
proctype Server() {
  byte m;
end:
  do
  :: atomic {
     m = 0;
     do
     :: m < MAPS - 1 -> m++
     :: break
     od;
     if
     :: sent[m].alg_req && !(sent[m].alg_rsp && sent[m].refuse) -> server(m, SI_ALG_REQ, 1, 0)
     :: sent[m].kex_req && srow[m] == S_NONE && !sent[m].kex_rsp -> server(m, SI_KEX_REQ, 1, 0)
     :: sent[m].kex_req && srow[m] != S_NONE -> server(m, SI_THE_LAST_REQUEST_AGAIN, 1, 0)
     :: sent[m].auth_req -> server(m, SI_AUTH_REQ, 1, 1)
     :: srow[m] == S_AUTHENINIT__ASKING && m != INTRUDER -> server(m, SI_USER_ACCEPTED, 1, 1)
     :: srow[m] == S_AUTHENINIT__ASKING -> server(m, SI_USER_REJECTED, 1, 1)
     :: sent[m].reg_req -> server(m, SI_REG_REQ, 1, 1)
     :: sent[m].abort -> server(m, SI_ABORT, 1, 1)
     :: sent[m].refuse_back -> server(m, SI_REFUSE, 1, 0)
     :: m != INTRUDER && srow[m] == S_FINISHED__UNPROVEN && crow[m / ATTEMPTS] == C_SUCCESS &&
                 attempt[m / ATTEMPTS] == m % ATTEMPTS + 1 -> server(m, SI_SESSION_OPENED, 1, 1)
     :: srow[m] != S_NONE -> server(m, SI_AGE, 1, 1)
     :: srow[m] == S_FINISHED -> server(m, SI_REMOVE, 1, 1)
     :: else -> skip
     fi;
     m = 0 }
  od
}

proctype Intruder() {
  byte c, m;
end:
  do
  :: atomic {
     if
     :: c = 1
     :: c = 0
     fi;
     if
     :: attempt[c] > 0 ->
          if
          :: client(c, CI_ALG_RSP, 0, 0)       /* with a cookie of its own making */
          :: client(c, CI_REFUSE, 1, 0)
          :: client(c, CI_BAD_ANSWER, 1, 0)    /* KEX-RSP, and whatever ought to be sealed */
          fi
     :: attempt[c] > 0 -> m = M(c); server(m, SI_REFUSE, 1, 0)
     :: attempt[c] > 0 -> m = M(c); server(m, SI_BAD_REQUEST, 1, 0)
     :: attempt[c] > 0 && srow[M(c)] == S_NONE -> m = M(c); server(m, SI_KEX_REQ, 0, 0)  /* a bad cookie */
     :: srow[INTRUDER] == S_NONE -> server(INTRUDER, SI_KEX_REQ, 1, 0)
     :: server(INTRUDER, SI_AUTH_REQ, 1, 1)
     :: server(INTRUDER, SI_REG_REQ, 1, 1)
     :: srow[INTRUDER] != S_NONE -> server(INTRUDER, SI_RELEASE, 1, 1)
     :: else -> skip
     fi;
     c = 0; m = 0 }
  od
}

#ifdef REACHES
/* Not a property, but its contrary: what must be possible. spin has to find it. */
active proctype Monitor() {
  atomic { crow[0] == C_SUCCESS && srow[M(0)] == S_FINISHED && attempt[1] > 0 && sent[M(1)].not_registered ->
           assert(false) }
}
#endif

init {
  atomic {
    client_init();
    server_init();
    crow[0] = C_INIT; crow[1] = C_INIT;
    srow[0] = S_NONE; srow[1] = S_NONE; srow[2] = S_NONE; srow[3] = S_NONE; srow[4] = S_NONE;
    run Client(0);
    run Client(1);
    run Server();
    run Intruder()
  }
}
