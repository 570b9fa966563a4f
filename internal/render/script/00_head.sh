#!/usr/bin/env bash
# Written by reconcile. Without arguments it prints the steps and changes
# nothing. With --execute it changes Terraform's state, and never AWS beyond
# its own mutex beside the state's lock. --help says the rest.
#
# Needs bash 3.2 or later, Terraform or OpenTofu, the AWS CLI, awk, sed, grep,
# cmp and one of sha256sum, shasum, openssl.
[ -n "${BASH_VERSION-}" ] || { echo "reconcile: run this with bash" >&2; exit 1; }
set -u
set -o pipefail
umask 077
unset CDPATH
