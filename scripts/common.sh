# shellcheck shell=bash disable=SC2154
# Sourced by ./tutti, ./test and ./bench, which set $root (the repository) and $me (the script's name) first.

say() { printf '%s: %s\n' "$me" "$*" >&2; }

# fail CODE MESSAGE: the exit codes are the program's own: 2 usage, 5 a needed part is missing, 1 anything else.
fail() {
  local code=$1
  shift
  say "$@"
  exit "$code"
}

# Sets $dotnet: the one on the PATH, else the usual places of an installation without a PATH entry.
find_dotnet() {
  local candidate
  dotnet=$(command -v dotnet) && return
  for candidate in "${DOTNET_ROOT:-}" "${HOME:-}/.dotnet" /usr/lib/dotnet /usr/share/dotnet; do
    [[ -x $candidate/dotnet ]] && dotnet=$candidate/dotnet && return
  done
  fail 5 "the .NET SDK is missing. Install the .NET 10 SDK (10.0.1xx or newer): https://learn.microsoft.com/dotnet/core/install/linux"
}

need_sdk() {
  local found
  found=$("$dotnet" --list-sdks 2>/dev/null | cut -d' ' -f1)
  grep -q '^10\.0\.' <<<"$found" && return
  fail 5 "the .NET 10 SDK is missing (found: $(paste -sd' ' <<<"${found:-none}")). Install it: https://learn.microsoft.com/dotnet/core/install/linux"
}

# need_packages NAME...: installs the Debian packages that are missing, quietly.
need_packages() {
  local missing installed name
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null | sed -n 's/ installed$//p')
  missing=()
  for name in "$@"; do
    grep -qxF "$name" <<<"$installed" || missing+=("$name")
  done
  ((${#missing[@]} == 0)) && return
  command -v apt-get >/dev/null || fail 5 "these programs are missing, and only Debian's apt-get is known here: ${missing[*]} (Debian's package names). Install them and start again."

  local as_root=()
  if ((EUID != 0)); then
    if command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then as_root=(sudo); else
      fail 5 "missing: ${missing[*]}. Install them as root: apt-get install ${missing[*]}"
    fi
  fi
  say "installing ${missing[*]}…"
  mkdir -p "$root/artifacts" || fail 1 "$root cannot be written: no place for the log of the installation."
  local log=$root/artifacts/packages.log
  "${as_root[@]}" bash -s -- "${missing[@]}" >"$log" 2>&1 <<'ROOT' || { tail -n 15 "$log" >&2; fail 5 "apt-get could not install ${missing[*]} (above: its last words). Is the network there?"; }
set -u
export DEBIAN_FRONTEND=noninteractive
# The tests start servers of their own on free ports: a package's service stays off. Debian's way to say so is policy-rc.d.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
wait_for_lock=(-o DPkg::Lock::Timeout=600)
apt-get "${wait_for_lock[@]}" update -qq </dev/null || echo "apt-get update failed; trying with the lists at hand"
# Not at any price: PulseAudio would throw a desktop's PipeWire out.
apt-get "${wait_for_lock[@]}" install -y -qq --no-install-recommends --no-remove "$@" </dev/null || exit 1
# Nor does it start with the machine.
if [[ -d /run/systemd/system ]]; then
  for service in mosquitto snapclient snapserver; do
    [[ " $* " != *" $service "* ]] || systemctl disable -q "$service.service"
  done
  [[ " $* " != *" pulseaudio "* ]] || systemctl --global disable -q pulseaudio.socket pulseaudio.service
fi
exit 0
ROOT
}

# fingerprint PATH...: changes when a file below is changed, added, removed or brought back by a branch switch.
fingerprint() {
  (
    cd "$root" || exit 1
    paths=()
    for path in "$@" .editorconfig Directory.Build.props Directory.Packages.props global.json; do
      [[ -e $path ]] && paths+=("$path")
    done
    # By content: times of change differ where the folder is mounted elsewhere (a container, the Bluetooth lab's guest).
    find "${paths[@]}" \( -name bin -o -name obj -o -name TestResults \) -prune -o -type f -print0 |
      LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
  )
}

# ensure_built NAME OUTPUT SOURCE... -- ARGS...: runs `dotnet ARGS` unless OUTPUT was made from these very sources.
# Any number may call it at once: one builds, the others wait for it.
ensure_built() {
  local name=$1 output=$root/$2 sources=() stamp now
  shift 2
  while [[ $1 != -- ]]; do
    sources+=("$1")
    shift
  done
  shift
  stamp=$root/artifacts/stamps/$name
  now=$(fingerprint "${sources[@]}") || fail 1 "the sources in $root cannot be read."
  up_to_date && return
  if ! mkdir -p "$root/artifacts/stamps" 2>/dev/null || [[ ! -w $root/artifacts ]]; then
    fail 1 "$root cannot be written, and a build has to write there. Copy the repository to a folder of your own."
  fi
  exec 9>"$root/artifacts/build.lock"
  flock 9
  now=$(fingerprint "${sources[@]}")
  if ! up_to_date; then
    build "$root/artifacts/build-$name.log" "$@"
    printf '%s\n' "$now" >"$stamp.$$" && mv "$stamp.$$" "$stamp"
  fi
  exec 9>&-
}

up_to_date() { [[ -f $output && -f $stamp && $(<"$stamp") == "$now" ]]; }

build() {
  local log=$1
  shift
  need_sdk
  [[ -e /etc/ssl/certs/ca-certificates.crt || ! -e /etc/debian_version ]] || need_packages ca-certificates
  # Packages are fetched and everything is compiled the first time: on a small machine for minutes.
  if [[ -f $output ]]; then say "building…"; else say "building, which takes some minutes the first time…"; fi
  # fd 9 is the lock: a compiler server that stays behind must not hold it.
  (cd "$root" && dotnet_quietly "$@" -v q --disable-build-servers) >"$log" 2>&1 </dev/null 9>&- && return
  if grep -qE 'NU1301' "$log"; then
    grep -E 'error (NU|MSB)' "$log" | sort -u | head -n 5 >&2
    fail 1 "the NuGet packages could not be fetched (above). The first build needs the network. The whole log: $log"
  fi
  { grep -E '(error|warning) [A-Z]+[0-9]+' "$log" || tail -n 30 "$log"; } | sort -u | head -n 30 >&2
  fail 1 "the build failed (above). The whole log: $log"
}

# The SDK without its greetings; without ICU, which a bare Debian lacks; and with a home where the user has none.
dotnet_quietly() {
  local -x DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false \
    DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_HOME=${DOTNET_CLI_HOME:-}
  [[ -n $DOTNET_CLI_HOME || -w ${HOME:-/nonexistent} ]] || DOTNET_CLI_HOME=$root/artifacts/home
  [[ -n $DOTNET_CLI_HOME ]] || unset DOTNET_CLI_HOME
  if [[ $1 == --limit-s ]]; then
    timeout -k 10 "$2" "$dotnet" "${@:3}"
  else
    "$dotnet" "$@"
  fi
}
