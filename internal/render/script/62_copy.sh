
# --- a copy of the configuration's folder, made of links ---------------------

# unfold DST SRC: makes DST a folder of its own, with a link to each thing in SRC.
unfold() {
  local f
  local -a all
  if [ -L "$1" ]; then rm "$1" || return 1; fi
  [ ! -d "$1" ] || return 0 # unfolded before
  mkdir "$1" || return 1
  all=()
  for f in "$2"/* "$2"/.[!.]* "$2"/..?*; do
    if [ -e "$f" ] || [ -L "$f" ]; then all+=("$f"); fi
  done
  for ((f = 0; f < ${#all[@]}; f += 200)); do ln -s "${all[@]:f:200}" "$1/" || return 1; done
}

# mirror DST: a copy of this folder, made of links, and of as many folders above
# it as the configuration's relative paths reach. -> MIRROR, the copy of this
# folder, and MIRROR_TOP.
mirror() {
  local here top up path='' i f
  local -a texts
  here=$(pwd -P) || return 1
  texts=()
  for f in ${FILES[@]+"${FILES[@]}"}; do
    case $f in *.tf | *.tf.json | *.tfvars) [ ! -f "./$f" ] || texts+=("./$f") ;; esac
  done
  up=$(cat ${texts[@]+"${texts[@]}"} </dev/null | LC_ALL=C awk '
    { s = $0; while (match(s, /\.\.(\/\.\.)*/)) { n = (RLENGTH + 1) / 3; if (n > max) max = n; s = substr(s, RSTART + RLENGTH) } }
    END { print (max > 9 ? 9 : int(max)) }') || return 1
  top=$here
  for ((i = 0; i < up; i++)); do
    [ "$top" != / ] || break
    path=/${top##*/}$path
    top=${top%/*}
    top=${top:-/}
  done
  rm -rf "$1"
  MIRROR_TOP=$1 MIRROR=$1 MIRROR_OF=$top
  unfold "$1" "${top%/}" || return 1
  open_folder "${path#/}" || return 1
  MIRROR=$OPENED MIRROR_OF=$here
}

# open_folder REL: makes REL, seen from MIRROR, a folder of its own in the copy,
# and all on the way to it. -> OPENED
open_folder() {
  local at=$MIRROR of=${MIRROR_OF%/} part rest=$1/
  case $1 in /*) return 1 ;; esac
  while [ -n "$rest" ]; do
    part=${rest%%/*} rest=${rest#*/}
    case $part in
      '' | .) ;;
      ..)
        [ "$at" != "$MIRROR_TOP" ] || return 1
        at=${at%/*} of=${of%/*}
        ;;
      *)
        at=$at/$part of=$of/$part
        [ -d "$of/" ] || return 1
        unfold "$at" "$of" || return 1
        ;;
    esac
  done
  OPENED=$at
}
