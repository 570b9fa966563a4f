
say() { printf '%s\n' "$*"; }
warn() { printf 'reconcile: warning: %s\n' "$*" >&2; }

# stop MESSAGE [HINT]: exits 1. Never call it inside $( ), where it would end
# the subshell only.
stop() {
  # shellcheck disable=SC2034 # reconcile.sh reads it when it ends
  STOPPED=$1
  case $1 in
    stopped* | interrupted*) printf 'reconcile: %s\n' "$1" >&2 ;;
    *) printf 'reconcile: error: %s\n' "$1" >&2 ;;
  esac
  [ -z "${2-}" ] || printf 'reconcile: hint: %s\n' "$2" >&2
  exit 1
}

# clean: what other programs said, without what a terminal would obey: colours,
# control characters, C1 controls, bidirectional marks.
clean() {
  LC_ALL=C sed -e $'s/\033\\[[0-9;]*[A-Za-z]//g' |
    LC_ALL=C tr -d '\000-\010\013-\037\177' |
    LC_ALL=C sed -e $'s/\302[\200-\237]//g' -e $'s/\330\234//g' \
      -e $'s/\342\200[\213-\217\250-\256]//g' -e $'s/\342\201[\240-\257]//g' -e $'s/\357\273\277//g'
}

show_file() { [ ! -s "$1" ] || clean <"$1" | LC_ALL=C sed 's/^/  | /' >&2; }

sha256_of() { # file
  local said
  case $SHA_TOOL in
    sha256sum) said=$(sha256sum <"$1") ;;
    shasum) said=$(shasum -a 256 <"$1") ;;
    openssl) said=$(openssl dgst -sha256 <"$1") ;;
  esac
  hex_of 64 "$said"
}

md5_of() { # file
  local said
  if command -v md5sum >/dev/null 2>&1; then said=$(md5sum <"$1")
  elif command -v md5 >/dev/null 2>&1; then said=$(md5 <"$1")
  else said=$(openssl dgst -md5 <"$1"); fi
  hex_of 32 "$said"
}

# hex_of DIGITS TEXT: the sum that one of these programs has printed.
hex_of() {
  local sum="[0-9a-f]{$1}"
  [[ $2 =~ $sum ]] && printf '%s\n' "${BASH_REMATCH[0]}"
}

random_token() { LC_ALL=C od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

need_tools() { # tool…
  local t
  for t; do
    command -v "$t" >/dev/null 2>&1 || stop "$t is not on PATH" "install it, or set TF_BIN for another terraform"
  done
  for SHA_TOOL in sha256sum shasum openssl ''; do
    [ -z "$SHA_TOOL" ] || ! command -v "$SHA_TOOL" >/dev/null 2>&1 || break
  done
  [ -n "$SHA_TOOL" ] || stop "none of sha256sum, shasum and openssl is on PATH" "install one of them"
  case ${TF_BIN-} in
    /*) ;;
    */*) TF_BIN=$PWD/$TF_BIN ;; # it is run from another directory
  esac
}

# ask QUESTION WORD: true if the person types WORD.
ask() {
  local answer=''
  printf '%s ' "$1"
  IFS= read -r answer || answer=''
  [ "$answer" = "$2" ]
}
