# reconcile alone, to plan: docker build -t reconcile .
#
#   docker run --rm -v "$PWD:/work" -v "$HOME/.aws:/.aws:ro" -e AWS_PROFILE \
#       -u "$(id -u):$(id -g)" reconcile plan --state state.tfstate …
#
# The script that it writes runs outside: it needs bash, Terraform and the AWS CLI,
# and a person.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /reconcile ./cmd/reconcile

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /reconcile /reconcile
# TMPDIR: a replay lays its files out there for a moment.
ENV HOME=/ TMPDIR=/work
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["/reconcile"]
