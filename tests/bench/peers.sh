#!/usr/bin/env bash
# Throughput and delay of this project's data path beside other user-space VPNs, over one veth pair between two network
# namespaces, in one run; then the ratios. Root only. The packages: group `bench` of scripts/packages.txt.
#
#   peers.sh [-t SECONDS] [-r ROUNDS] [NAME...]     all of them without names; `peers.sh -l` lists the names
#
# The ratios are of the medians of the rounds; between two runs on one machine single figures differ by half.
# One line a run: TCP Gbit/s with 1 and with 4 streams, 64-byte UDP delivered in kpps, ping average in ms.
#   dvpn-N   two sw8800d, a server and a client, with suite N for everything
#   esp-N    the data path by itself (bench_datapath); esp-13 encrypts nothing and is the limit
# SW_BIN_DIR and SW_BENCH_DIR say where the programs are. Everything started is ended by its process id.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
bin=${SW_BIN_DIR:-$here/build/bin} bench=${SW_BENCH_DIR:-$here/build/bench}
all="bare wireguard-go openvpn tinc nebula n2n dvpn-14 dvpn-12 dvpn-1 esp-13 esp-14 esp-12 esp-1"
seconds=3 rounds=1
while getopts lt:r: option; do
  case $option in
    l) echo "$all"; exit 0 ;;
    t) seconds=$OPTARG ;;
    r) rounds=$OPTARG ;;
    *) sed -n '2,12p' "$0"; exit 2 ;;
  esac
done
shift $((OPTIND - 1))
[ "$(id -u)" = 0 ] || { echo "SKIPPED: network namespaces need root"; exit 77; }

a=swpa$$ b=swpb$$ outer_a=192.0.2.1 outer_b=192.0.2.2 inner_b=
work=$(mktemp -d) pids=$work/pids
: >"$pids"
up() {
  ip netns add $a; ip netns add $b
  ip link add eth0 netns $a type veth peer name eth0 netns $b
  ip -n $a addr add $outer_a/24 dev eth0; ip -n $b addr add $outer_b/24 dev eth0
  for n in $a $b; do ip -n $n link set lo up; ip -n $n link set eth0 up; done
}
down() {
  local p
  while read -r p; do kill -TERM "$p" 2>/dev/null; done <"$pids"; sleep 0.5
  while read -r p; do kill -KILL "$p" 2>/dev/null; done <"$pids"; : >"$pids"
  ip netns del $a 2>/dev/null; ip netns del $b 2>/dev/null
}
trap 'down; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
start() { local n=$1; shift; ip netns exec $n "$@" >>"$work/log.$n" 2>&1 & echo $! >>"$pids"; }
answers() {
  for _ in $(seq 60); do
    ip netns exec $a ping -c1 -W1 -q "$inner_b" >/dev/null 2>&1 && return 0
    sleep 0.25
  done
  return 1
}

measure() { # name
  if ! answers; then
    echo "$1: does not answer; its last words:"; tail -n 3 "$work"/log.*
    return
  fi
  start $b iperf3 -s; sleep 0.3
  local one four pps rtt
  one=$(ip netns exec $a iperf3 -c $inner_b -t $seconds -J 2>/dev/null | jq -r '.end.sum_received.bits_per_second/1e9')
  four=$(ip netns exec $a iperf3 -c $inner_b -t $seconds -P 4 -J 2>/dev/null | jq -r '.end.sum_received.bits_per_second/1e9')
  pps=$(ip netns exec $a iperf3 -c $inner_b -u -l 64 -b 0 -t $seconds -J 2>/dev/null |
    jq -r '(.end.sum.packets-.end.sum.lost_packets)/.end.sum.seconds/1000')
  rtt=$(ip netns exec $a ping -n -c 20 -i 0.01 -q $inner_b | awk -F/ '/rtt/ {print $5}')
  printf '%s %s %s %s %s\n' "$1" "${one:-0}" "${four:-0}" "${pps:-0}" "${rtt:-0}" >>"$work/results"
  printf '%-14s tcp1 %6.2f  tcp4 %6.2f Gbit/s  udp64 %7.1f kpps  rtt %s ms\n' "$1" "${one:-0}" "${four:-0}" "${pps:-0}" "$rtt"
}

setup_bare() { inner_b=$outer_b; }
setup_wireguard_go() {
  local n
  (umask 077; for n in a b; do wg genkey >"$work/$n.key"; wg pubkey <"$work/$n.key" >"$work/$n.pub"; done)
  start $a env LOG_LEVEL=error wireguard-go -f wga$$; start $b env LOG_LEVEL=error wireguard-go -f wgb$$; sleep 1.5
  ip netns exec $a wg set wga$$ listen-port 51820 private-key "$work/a.key" peer "$(cat "$work/b.pub")" allowed-ips 10.81.0.0/24 endpoint $outer_b:51820
  ip netns exec $b wg set wgb$$ listen-port 51820 private-key "$work/b.key" peer "$(cat "$work/a.pub")" allowed-ips 10.81.0.0/24 endpoint $outer_a:51820
  ip -n $a addr add 10.81.0.1/24 dev wga$$; ip -n $b addr add 10.81.0.2/24 dev wgb$$
  ip -n $a link set wga$$ up; ip -n $b link set wgb$$ up
  inner_b=10.81.0.2
}
setup_openvpn() {
  local n
  (cd "$work" || exit 1
   openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=ca -keyout ca.key -out ca.crt
   for n in a b; do
     openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=$n -keyout $n.key -out $n.csr
     openssl x509 -req -in $n.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -out $n.crt
   done) >/dev/null 2>&1
  start $b openvpn --dev tun0 --server 10.80.0.0 255.255.255.0 --topology subnet --proto udp --port 1194 --ca "$work/ca.crt" --cert "$work/b.crt" --key "$work/b.key" --dh none --verb 1
  sleep 1
  start $a openvpn --client --dev tun0 --nobind --remote $outer_b 1194 udp --ca "$work/ca.crt" --cert "$work/a.crt" --key "$work/a.key" --verb 1
  inner_b=10.80.0.1
}
setup_tinc() {
  local n d i=1
  for n in a b; do
    d=$work/t$n; rm -rf "$d"; mkdir -p "$d/hosts"
    printf 'Name = %s\nAddressFamily = ipv4\nInterface = tinc0\nMode = router\n' $n >"$d/tinc.conf"
    [ $n = a ] && echo 'ConnectTo = b' >>"$d/tinc.conf"
    printf 'Address = 192.0.2.%s\nSubnet = 10.77.0.%s/32\n' $i $i >"$d/hosts/$n"
    tincd -c "$d" -K2048 </dev/null >/dev/null 2>&1
    printf '#!/bin/sh\nip link set $INTERFACE up\nip addr add 10.77.0.%s/24 dev $INTERFACE\n' $i >"$d/tinc-up"
    chmod +x "$d/tinc-up"; i=$((i + 1))
  done
  cp "$work/tb/hosts/b" "$work/ta/hosts/"; cp "$work/ta/hosts/a" "$work/tb/hosts/"
  start $b tincd -c "$work/tb" -D --pidfile="$work/tb.pid"; sleep 0.5
  start $a tincd -c "$work/ta" -D --pidfile="$work/ta.pid"
  inner_b=10.77.0.2
}
setup_nebula() {
  local n hosts lighthouse
  rm -rf "$work/neb"; mkdir "$work/neb"
  (cd "$work/neb" && nebula-cert ca -name lab && nebula-cert sign -name a -ip 10.78.0.1/24 && nebula-cert sign -name b -ip 10.78.0.2/24) >/dev/null
  for n in a b; do
    lighthouse=false hosts='["10.78.0.2"]'; [ $n = b ] && lighthouse=true hosts='[]'
    cat >"$work/$n.yml" <<C
pki: {ca: $work/neb/ca.crt, cert: $work/neb/$n.crt, key: $work/neb/$n.key}
static_host_map: {"10.78.0.2": ["$outer_b:4242"]}
lighthouse: {am_lighthouse: $lighthouse, interval: 10, hosts: $hosts}
listen: {host: 0.0.0.0, port: 4242}
tun: {dev: neb0, mtu: 1300}
firewall: {outbound: [{port: any, proto: any, host: any}], inbound: [{port: any, proto: any, host: any}]}
C
  done
  start $b nebula -config "$work/b.yml"; sleep 0.5; start $a nebula -config "$work/a.yml"
  inner_b=10.78.0.2
}
setup_n2n() {
  # Without -f, which makes them daemons with ids that nobody knows.
  start $b supernode -l 7654; sleep 0.5
  start $b edge -d n2n0 -c lab -k secret -a 10.79.0.2 -s 255.255.255.0 -l $outer_b:7654 -p 7655
  start $a edge -d n2n0 -c lab -k secret -a 10.79.0.1 -s 255.255.255.0 -l $outer_b:7654 -p 7656
  inner_b=10.79.0.2
}
device() { # namespace name: a running sw8800d, configured from standard input
  start "$1" "$bin/sw8800d" --db "$work/$2.db" --socket "$work/$2.sock" --port GigabitEthernet0/1=eth0
  for _ in $(seq 50); do [ -S "$work/$2.sock" ] && break; sleep 0.2; done
  "$bin/sw8800" --connect "$work/$2.sock" --replay /dev/stdin >>"$work/log.$1" 2>&1
}
setup_dvpn() { # suite
  local registration=$1
  [ "$1" = 13 ] && registration=14  # 13 encrypts nothing and is for data only
  ip -n $a addr flush dev eth0; ip -n $b addr flush dev eth0  # the devices set them
  device $b server <<C
 sysname server
 dvpn service enable
 dvpn server pre-shared-key simple measured
dvpn policy all
 authentication-client method none
 session algorithm-suite $registration
 data algorithm-suite $1
interface GigabitEthernet0/1
 ip address $outer_b 255.255.255.0
interface Tunnel0
 tunnel-protocol udp dvpn
 ip address 10.76.0.2 255.255.255.0
 source GigabitEthernet0/1
 dvpn interface-type server
 dvpn dvpn-id 1
 dvpn policy all
C
  device $a client <<C
 sysname client
 dvpn service enable
dvpn class hub
 public-ip $outer_b
 private-ip 10.76.0.2
 algorithm-suite $registration
 authentication-server method pre-share
 pre-shared-key simple measured
interface GigabitEthernet0/1
 ip address $outer_a 255.255.255.0
interface Tunnel0
 tunnel-protocol udp dvpn
 ip address 10.76.0.1 255.255.255.0
 source GigabitEthernet0/1
 dvpn server hub
C
  inner_b=10.76.0.2
}
setup_esp() { # suite
  local n
  start $b "$bench/bench_datapath" tun0 $outer_b:9876 $outer_a:9876 "$1"
  start $a "$bench/bench_datapath" tun0 $outer_a:9876 $outer_b:9876 "$1"
  for n in $a $b; do
    for _ in $(seq 50); do ip -n $n link show tun0 >/dev/null 2>&1 && break; sleep 0.1; done
    ip -n $n link set tun0 mtu 1400 up
  done
  ip -n $a addr add 10.75.0.1/24 dev tun0; ip -n $b addr add 10.75.0.2/24 dev tun0
  inner_b=10.75.0.2
}

echo "machine: $(uname -sr), $(nproc) x $(awk -F': ' '/model name/ {print $2; exit}' /proc/cpuinfo), load $(cut -d' ' -f1 /proc/loadavg)"
for name in $(for _ in $(seq "$rounds"); do echo "${*:-$all}"; done); do
  up
  case $name in
    dvpn-* | esp-*) "setup_${name%-*}" "${name##*-}" ;;
    *) "setup_${name//-/_}" ;;
  esac
  measure "$name"
  down
done

# Ratios to the best of the others, and to the bare link; of what was measured in this run.
[ -s "$work/results" ] && awk '
  function median(name, column,    n, i, j, v, x) {
    n = rounds[name]
    for (i = 1; i <= n; ++i) {
      x = figure[name, i, column]
      for (j = i - 1; j > 0 && v[j] > x; --j) v[j + 1] = v[j]
      v[j + 1] = x
    }
    return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
  }
  {
    if (!rounds[$1]++) name[++names] = $1
    for (c = 2; c <= NF; ++c) figure[$1, rounds[$1], c] = $c + 0
  }
  END {
    for (i = 1; i <= names; ++i) {
      one[i] = median(name[i], 2); udp[i] = median(name[i], 4); rtt[i] = median(name[i], 5)
      if (name[i] == "bare") bare = one[i]
      if (name[i] == "esp-13") null = one[i]
      if (name[i] ~ /^(bare|dvpn-.*|esp-.*)$/) continue
      if (one[i] > best_one) best_one = one[i]
      if (udp[i] > best_udp) best_udp = udp[i]
      if (!best_rtt || rtt[i] < best_rtt) best_rtt = rtt[i]
    }
    for (i = 1; i <= names; ++i) {
      printf "%-14s median of %d: tcp1 %6.2f Gbit/s  udp64 %6.1f kpps  rtt %.3f ms", name[i], rounds[name[i]], one[i], udp[i], rtt[i]
      if (name[i] ~ /^(dvpn|esp)-/) {
        if (best_one) printf ";  %.1f x, %.1f x, %.2f x the best other VPN", one[i] / best_one, udp[i] / best_udp, rtt[i] / best_rtt
        if (bare) printf ";  tcp %.0f %% of the bare link", 100 * one[i] / bare
        if (null) printf ", %.0f %% of no cryptography", 100 * one[i] / null
      }
      print ""
    }
  }' "$work/results"
exit 0
