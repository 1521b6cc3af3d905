/* The registration of DVPN for spin: clients and a server that walk the tables of dvpn/registration_table.h, in a network
 * that belongs to an intruder. registration.py makes table.pml by registration-model and runs all this.
 *
 * The intruder is the network. What was sent once is known to it for good, one bit a message, and each end may be given
 * any known message at any time, in any order, again, or never: that repeats, reorders and drops. It may cut the network
 * for ever, and it invents what is not sealed: any clear message with the nonce that it saw, an altered copy of a
 * request, an answer that does not verify. It has no keys, so it never makes what is sealed; what is sealed is taken once
 * (the window of counters), but for a repetition of the last request, byte for byte.
 *
 * All clients want the same private address, each as a user of its own. Where the code of an end decides by what is in
 * a message or in its settings (a suite it does not have, a wrong password), the model goes both ways.
 *
 * Sending again is no event here: what was sent stays known. Times are only their order: any timer that runs may be the
 * next to run out. One SLOTS is one map of the server for an attempt: a step 3 that was repeated with another cookie or
 * altered on the way makes one of its own.
 */
#include "table.pml"

#ifndef CLIENTS
#define CLIENTS 2
#endif
#ifndef ATTEMPTS          /* of each client */
#define ATTEMPTS 1
#endif
#ifndef SLOTS             /* maps of the server for each attempt */
#define SLOTS 1
#endif
#define MAPS (CLIENTS * ATTEMPTS * SLOTS)
#define NOBODY 255

#define NEXT 0            /* outcomes: dvpn/registration_table.h */
#define OTHER 1
#define ERROR 2

/* Sealed messages that the network knows of a map, and that its end has taken. */
#define KEX_RSP    1
#define AUTH_REQ   2
#define AUTH_YES   4
#define AUTH_NO    8
#define REG_REQ   16
#define REG_YES   32
#define REG_NO    64
#define ABORT    128
#define PARTED   256      /* RELEASE of the client */
#define REMOVED  512      /* RELEASE of the server */
#define OPENED  1024      /* SETUP and KEEPALIVE, the proof of a session */

bool cut;                               /* nothing arrives any more */
bool asks;                              /* the policy authenticates clients */

byte c_row[CLIENTS];
byte c_attempt[CLIENTS];                /* how many were begun */
byte c_map[CLIENTS];                    /* whose keys the client has */
bool c_limit[CLIENTS], c_doubt[CLIENTS];   /* timers that run */
bool good_cookie[CLIENTS * ATTEMPTS], bad_cookie[CLIENTS * ATTEMPTS];   /* KEX-REQs that were sent */

byte s_row[MAPS];
bool used[MAPS], altered[MAPS];         /* altered: made by a step 3 that is not its client's */
bool asking[MAPS], s_age[MAPS];
bool accepted[MAPS];                    /* the authenticator said so */
short known[MAPS], taken[MAPS];

/* What must hold. Each stands where it is checked under its own name, so that spin says which one broke. */
hidden byte every_error_ends_in_the_initial_state = true;
hidden byte no_end_by_the_unauthenticated = true;
hidden byte no_map_without_proof = true;
hidden byte no_two_owners_of_an_address = true;
hidden byte a_registration_is_possible = true;

/* What is under way; all zero between two events. */
byte came, outcome, which;
bool sealed;                            /* or local: a timer, the operator, the authenticator */
hidden byte act, before, after, one, owners;   /* never live across a choice: spin does not restore them */

#define Attempt(c) ((c) * ATTEMPTS + c_attempt[c] - 1)
#define Begun(x) (c_attempt[(x) / ATTEMPTS] > (x) % ATTEMPTS)
#define AttemptOf(s) ((s) / SLOTS)
#define ClientOf(s) ((s) / SLOTS / ATTEMPTS)
#define Registered(s) (s_row[s] == S_FINISHED__UNPROVEN || s_row[s] == S_FINISHED)
#define Trying(c) (c_row[c] != C_INIT && c_row[c] != C_SUCCESS)
#define Waits(c, message) (c_map[c] != NOBODY && !cut && (known[c_map[c]] & message) && !(taken[c_map[c]] & message))
#define Arrives(s, message) (s_row[s] != S_NONE && !cut && (known[s] & message) && !(taken[s] & message))

#define Leads(next, other, error) (outcome == NEXT -> next[act] : (outcome == OTHER -> other[act] : error[act]))
inline Walk(row) {
  before = row;
  if :: after == 0 -> after = before :: else fi;
  row = after
}

/* ---------------------------------------------------------------------------------------------------- a client */

inline ClientActs(c) {
  d_step {
    act = client_action[c_row[c] * C_INPUTS + came];
    if
    :: act == CA_OFFER -> c_attempt[c]++; c_limit[c] = true; c_doubt[c] = false; c_map[c] = NOBODY
    :: act == CA_KEY && outcome == NEXT ->
       c_doubt[c] = false;
       if :: which -> good_cookie[Attempt(c)] = true :: else -> bad_cookie[Attempt(c)] = true fi
    :: act == CA_PROVE && outcome != ERROR ->
       c_doubt[c] = false; c_map[c] = which;
       if
       :: which == NOBODY
       :: which != NOBODY && outcome == NEXT -> known[which] = known[which] | AUTH_REQ
       :: which != NOBODY && outcome == OTHER -> known[which] = known[which] | REG_REQ
       fi
    :: act == CA_INFORM && outcome != ERROR -> c_doubt[c] = false; known[c_map[c]] = known[c_map[c]] | REG_REQ
    :: act == CA_FINISH && outcome != ERROR ->
       c_limit[c] = false; c_doubt[c] = false;
       if :: c_map[c] != NOBODY -> known[c_map[c]] = known[c_map[c]] | OPENED :: else fi
    :: act == CA_DOUBT -> c_doubt[c] = true
    :: act == CA_FAIL || act == CA_GIVE_UP -> outcome = ERROR
    :: act == CA_REST && c_row[c] == C_SUCCESS && c_map[c] != NOBODY -> known[c_map[c]] = known[c_map[c]] | PARTED
    :: else
    fi;
    after = Leads(client_next, client_other, client_error);
    Walk(c_row[c]);
    if
    :: outcome == ERROR ->
       every_error_ends_in_the_initial_state = (c_row[c] == C_INIT);
       assert(every_error_ends_in_the_initial_state);
       /* What came from the server is not answered by an ABORT; it does no harm to think that it is. */
       if :: c_map[c] != NOBODY -> known[c_map[c]] = known[c_map[c]] | ABORT :: else fi
    :: else
    fi;
    no_end_by_the_unauthenticated = !(before == C_SUCCESS && c_row[c] != C_SUCCESS && !sealed);
    assert(no_end_by_the_unauthenticated);
    if :: c_row[c] == C_INIT -> c_limit[c] = false; c_doubt[c] = false; c_map[c] = NOBODY :: else fi;
    /* Who goes on behind step 4 has a server that proved itself; who is registered was admitted by it. */
    no_map_without_proof = (c_row[c] < C_AUTHENREQ || (c_map[c] != NOBODY && !altered[c_map[c]]));
    assert(no_map_without_proof);
    no_map_without_proof = (c_row[c] != C_SUCCESS || (taken[c_map[c]] & REG_YES));
    assert(no_map_without_proof);
    came = 0; outcome = 0; which = 0; sealed = false
  }
}

inline Take(c, message) { taken[c_map[c]] = taken[c_map[c]] | message }

#define KexRsp(c, k) (!cut && Trying(c) && s_row[Attempt(c) * SLOTS + k] >= 0 && \
                      (known[Attempt(c) * SLOTS + k] & KEX_RSP) && !altered[Attempt(c) * SLOTS + k])

proctype Client(byte c) {
  do
  :: atomic {
       if
       /* itself and its operator */
       :: !cut && c_attempt[c] < ATTEMPTS && c_row[c] != C_SUCCESS -> came = CI_BEGIN; sealed = true
       :: !cut && c_row[c] != C_INIT -> came = CI_LEAVE; sealed = true
       :: c_limit[c] -> c_limit[c] = false; came = CI_TIME_LIMIT; sealed = true
       :: c_doubt[c] -> c_doubt[c] = false; came = CI_TIME_OF_DOUBT; sealed = true
       :: !cut && Trying(c) -> came = CI_TIME_TO_RESEND; sealed = true
       /* clear messages, the server's and invented ones: step 2 is good or has another cookie */
       :: !cut && c_attempt[c] && server_action[S_NONE * S_INPUTS + SI_ALG_REQ] == SA_CHOOSE ->
          came = CI_ALG_RSP;
          if :: which = 1 :: which = 0 :: outcome = ERROR fi
       :: !cut && c_attempt[c] -> came = CI_REFUSE
       :: !cut && c_attempt[c] -> came = CI_BAD_ANSWER; which = NOBODY
       /* sealed ones */
       :: KexRsp(c, 0) ->
          came = CI_KEX_RSP; sealed = true; which = Attempt(c) * SLOTS;
          if :: outcome = (asks -> NEXT : OTHER) :: outcome = ERROR fi
#if SLOTS > 1
       :: KexRsp(c, 1) ->
          came = CI_KEX_RSP; sealed = true; which = Attempt(c) * SLOTS + 1;
          if :: outcome = (asks -> NEXT : OTHER) :: outcome = ERROR fi
#endif
       :: Waits(c, AUTH_YES) -> Take(c, AUTH_YES); came = CI_AUTH_RSP; sealed = true
       :: Waits(c, AUTH_NO) -> Take(c, AUTH_NO); came = CI_AUTH_RSP; sealed = true; outcome = ERROR
       :: Waits(c, REG_YES) ->
          Take(c, REG_YES); came = CI_REG_RSP; sealed = true;
          if :: outcome = NEXT :: outcome = ERROR fi
       :: Waits(c, REG_NO) -> Take(c, REG_NO); came = CI_REG_RSP; sealed = true; outcome = ERROR
       :: Waits(c, REMOVED) -> Take(c, REMOVED); came = CI_RELEASE; sealed = true
       fi;
       /* An outcome belongs to the action that can have it; what is dropped has none. */
       if
       :: client_action[c_row[c] * C_INPUTS + came] == CA_DROP -> outcome = NEXT
       :: else
       fi;
       ClientActs(c)
     }
  :: cut && !Trying(c) -> break
  od
}

/* ---------------------------------------------------------------------------------------------------- the server */

/* What the server says of one map, and what becomes of it. */
inline ServerActs(s) {
  d_step {
    act = server_action[s_row[s] * S_INPUTS + came];
    if
    :: act == SA_AGREE && outcome != ERROR ->
       used[s] = true; altered[s] = which; s_age[s] = true; known[s] = known[s] | KEX_RSP
    :: act == SA_ASK -> asking[s] = true
    :: act == SA_PASS -> known[s] = known[s] | AUTH_YES
    :: act == SA_REJECT -> known[s] = known[s] | AUTH_NO; s_age[s] = true
    :: act == SA_ADMIT ->
       /* Admission::Judge: another user's address is refused, one's own earlier map gives way. */
       one = 0;
       do
       :: one < MAPS && Registered(one) && ClientOf(one) != ClientOf(s) -> outcome = OTHER; one++
       :: one < MAPS && !(Registered(one) && ClientOf(one) != ClientOf(s)) -> one++
       :: one == MAPS -> break
       od;
       s_age[s] = true;
       if
       :: outcome == OTHER -> known[s] = known[s] | REG_NO
       :: else ->
          known[s] = known[s] | REG_YES;
          one = 0;
          do
          :: one < MAPS && Registered(one) -> s_row[one] = S_NONE; s_age[one] = false; one++
          :: one < MAPS && !Registered(one) -> one++
          :: one == MAPS -> break
          od
       fi
    :: act == SA_PROVEN -> s_age[s] = false
    :: else
    fi;
    after = Leads(server_next, server_other, server_error);
    Walk(s_row[s]);
    every_error_ends_in_the_initial_state = (outcome != ERROR || s_row[s] == S_NONE);
    assert(every_error_ends_in_the_initial_state);
    no_end_by_the_unauthenticated =
        !((before == S_FINISHED__UNPROVEN || before == S_FINISHED) && !Registered(s) && !sealed);
    assert(no_end_by_the_unauthenticated);
    if :: s_row[s] == S_NONE -> s_age[s] = false; asking[s] = false :: else fi;
    /* Behind step 6 a client is who it says; it registers by asking, and is relayed to once it opened its session. */
    no_map_without_proof = (!(s_row[s] == S_INIT || Registered(s)) || (!altered[s] && (accepted[s] || !asks)) ||
                            (s_row[s] == S_INIT && !asks));
    assert(no_map_without_proof);
    no_map_without_proof = (!Registered(s) || (taken[s] & REG_REQ));
    assert(no_map_without_proof);
    no_map_without_proof = (s_row[s] != S_FINISHED || (taken[s] & OPENED));
    assert(no_map_without_proof);
    one = 0; owners = 0;
    do
    :: one < MAPS && Registered(one) -> owners++; one++
    :: one < MAPS && !Registered(one) -> one++
    :: one == MAPS -> break
    od;
    no_two_owners_of_an_address = (owners <= 1);
    assert(no_two_owners_of_an_address);
#ifdef POSSIBLE
    a_registration_is_possible = !(s_row[s] == S_FINISHED && c_row[ClientOf(s)] == C_SUCCESS);
    assert(a_registration_is_possible);
#endif
    came = 0; outcome = 0; which = 0; sealed = false
  }
}

#define Step3(s) (!cut && !used[s] && Begun(AttemptOf(s)))

proctype Map(byte s) {
  do
  :: atomic {
       if
       /* step 3: its client's, or an altered copy of it; a cookie that is wrong is refused */
       :: Step3(s) && good_cookie[AttemptOf(s)] ->
          came = SI_KEX_REQ;
          if :: outcome = (asks -> NEXT : OTHER) :: outcome = ERROR fi
       :: Step3(s) -> came = SI_KEX_REQ; which = 1; outcome = (asks -> NEXT : OTHER)
       :: Step3(s) && bad_cookie[AttemptOf(s)] -> came = SI_KEX_REQ; outcome = ERROR
       /* clear messages with the nonce of the client, repetitions, and what does not verify */
       :: !cut && used[s] -> came = SI_BAD_REQUEST
       :: !cut && used[s] -> came = SI_THE_LAST_REQUEST_AGAIN
       :: !cut && used[s] -> came = SI_REFUSE
       :: !cut && used[s] -> came = SI_ALG_REQ
       /* sealed ones; those of a map that has gone are refused, and change nothing */
       :: Arrives(s, AUTH_REQ) ->
          taken[s] = taken[s] | AUTH_REQ; came = SI_AUTH_REQ; sealed = true;
          if :: outcome = NEXT :: outcome = OTHER fi
       :: Arrives(s, REG_REQ) ->
          taken[s] = taken[s] | REG_REQ; came = SI_REG_REQ; sealed = true;
          if :: outcome = NEXT :: outcome = OTHER fi
       :: Arrives(s, ABORT) -> taken[s] = taken[s] | ABORT; came = SI_ABORT; sealed = true
       :: Arrives(s, PARTED) -> taken[s] = taken[s] | PARTED; came = SI_RELEASE; sealed = true
       :: Arrives(s, OPENED) && s_row[s] == S_FINISHED__UNPROVEN ->
          taken[s] = taken[s] | OPENED; came = SI_SESSION_OPENED; sealed = true
       /* the authenticator, the time, the operator or the death of a session */
       :: asking[s] -> asking[s] = false; accepted[s] = true; came = SI_USER_ACCEPTED; sealed = true
       :: asking[s] -> asking[s] = false; came = SI_USER_REJECTED; sealed = true
       :: s_age[s] -> s_age[s] = false; came = SI_AGE; sealed = true
       :: (!cut && s_row[s] != S_NONE) || s_row[s] == S_FINISHED ->
          came = SI_REMOVE; sealed = true;
          if :: Registered(s) -> known[s] = known[s] | REMOVED :: else fi
       fi;
       ServerActs(s)
     }
  :: cut && (s_row[s] == S_NONE || s_row[s] == S_FINISHED) -> break
  od
}

/* ---------------------------------------------------------------------------------------------------- the intruder */

proctype Intruder() {
  cut = true
}

init {
  byte i;
  atomic {
    client_table();
    server_table();
    if :: asks = true :: asks = false fi;
    i = 0;
    do
    :: i < CLIENTS -> c_row[i] = C_INIT; c_map[i] = NOBODY; run Client(i); i++
    :: else -> break
    od;
    i = 0;
    do
    :: i < MAPS -> s_row[i] = S_NONE; run Map(i); i++
    :: else -> break
    od;
    run Intruder();
    i = 0
  }
}
