"""An AWS CLI whose start was paid for once.

Most of a second goes by before the AWS CLI sends its call: Python starts, a few
hundred modules are imported, descriptions of services are parsed. This process
has done that. For each call it forks, takes over the caller's arguments,
environment, folder and open files, and runs the CLI's own main function.

    python warmaws.py SOCKET
"""

import functools
import json
import os
import signal
import socket
import sys

import awscli.clidriver
import botocore.client
import botocore.endpoint
import botocore.httpsession
import botocore.loaders
import botocore.parsers
import botocore.serialize
import botocore.session
import botocore.signers

# Where the CLI has told botocore, in the environment, to find what is its own.
OURS = {name: os.environ[name] for name in ("AWS_DATA_PATH",) if name in os.environ}


def remember_what_is_read():
    """Files of descriptions do not change while this runs."""
    loader, files = botocore.loaders.Loader, botocore.loaders.JSONFileLoader
    loaded, listed = {}, {}
    plain_load, plain_list = files.load_file, loader.list_available_services

    def load_file(self, path):
        if path not in loaded:
            loaded[path] = plain_load(self, path)
        return loaded[path]

    def list_available_services(self, type_name):
        key = (type_name, tuple(self.search_paths))
        if key not in listed:
            listed[key] = plain_list(self, type_name)
        return list(listed[key])

    files.load_file, loader.list_available_services = load_file, list_available_services
    files.exists = functools.lru_cache(maxsize=None)(files.exists)


@functools.lru_cache(maxsize=None)
def prepare(command):
    """Reads what a service's calls need, before the fork."""
    session = botocore.session.get_session()
    service = {"s3api": "s3"}.get(command, command)
    if service in session.get_available_services():
        session.create_client(service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


def answer(connection):
    data, files, _, _ = socket.recv_fds(connection, 1 << 20, 3)
    if not data:
        return
    call = json.loads(data)
    prepare(call["args"][0] if call["args"] else "")
    if os.fork():
        for file in files:
            os.close(file)
        return
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(call["env"])
    os.environ.update(OURS)
    os.chdir(call["cwd"])
    sys.argv = ["aws"] + call["args"]
    code = 255
    try:
        code = awscli.clidriver.main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        connection.send(str(code or 0).encode())
        os._exit(0)


def main(path):
    remember_what_is_read()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    server.bind(path)
    server.listen(64)
    print("ready", flush=True)
    while True:
        connection, _ = server.accept()
        with connection:
            answer(connection)


main(sys.argv[1])
