"""The servers that are asked: nginx with files, and haul's test server with delays.

Both are used alike. begin() forgets what was asked so far; end() says what was: a Seen.
"""

import dataclasses
import json
import os
import random
import re
import resource
import socket
import subprocess
import time
import urllib.request

FILES = 1000
FILE_MIN, FILE_MAX = 200, 8192
SEED = 20261123
ORIGINS, TLS_ORIGINS = 500, 50
QUIET_S = 5.0


@dataclasses.dataclass
class Seen:
    """What a server saw of one run."""
    fetched: int = 0  # different URLs that were answered with 200, whole
    requests: int = 0
    connections: int = 0  # that made a request
    handshakes: int = 0  # of these: TLS, not resumed
    resumed: int = 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("0.0.0.0", 0))
        return probe.getsockname()[1]


def address(number):
    """The address of origin `number`, from 0, as haul-testserver's --addresses counts them."""
    return "127.0.%d.%d" % (1 + number // 250, 1 + number % 250)


def get(url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=30) as answer:
        return answer.read().decode()


def make_tree(root):
    """The small files."""
    files = os.path.join(root, "files")
    os.makedirs(files)
    sizes = random.Random(SEED)
    for number in range(FILES):
        size = round(FILE_MIN * (FILE_MAX / FILE_MIN) ** sizes.random())
        with open(os.path.join(files, "%03d.html" % number), "wb") as file:
            file.write((b"<p>%03d a line of a page</p>\n" % number * (size // 27 + 1))[:size])


def make_sparse(path, size):
    with open(path, "wb") as file:
        file.truncate(size)


def make_certificate(directory):
    """One certificate for all addresses, and its own authority."""
    names = ",".join("IP:" + name for name in
                     ["127.0.0.1"] + [address(number) for number in range(TLS_ORIGINS)])
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=" + names,
         "-keyout", os.path.join(directory, "key.pem"), "-out", os.path.join(directory, "ca.pem")],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


# All directories hold the same files: any number of URLs, but few files that nginx keeps open.
REWRITE = "rewrite ^/d[0-9]+/(.*) /files/$1 break;"
CONFIG = """
daemon off;
worker_processes %(workers)d;
worker_rlimit_nofile %(files)d;
pid %(dir)s/nginx.pid;
error_log %(dir)s/nginx.err crit;
%(user)s
events { worker_connections 8192; }
http {
    log_format seen '$connection $status $request_completion $ssl_session_reused- '
                    '$scheme://$http_host$request_uri';
    access_log %(dir)s/access.log seen buffer=256k flush=200ms;
    client_body_temp_path %(dir)s/t1; proxy_temp_path %(dir)s/t2; fastcgi_temp_path %(dir)s/t3;
    uwsgi_temp_path %(dir)s/t4; scgi_temp_path %(dir)s/t5;
    types { text/html html; }
    default_type application/octet-stream;
    server_tokens off;
    sendfile on;
    tcp_nodelay on;
    keepalive_requests 100000000;
    keepalive_time 24h;
    keepalive_timeout 120s;
    open_file_cache max=2000 inactive=24h;
    open_file_cache_valid 24h;
    root %(dir)s/tree;
    ssl_certificate %(dir)s/ca.pem;
    ssl_certificate_key %(dir)s/key.pem;
    ssl_session_cache shared:sessions:32m;
    ssl_protocols TLSv1.2 TLSv1.3;
    server { listen 127.0.0.1:%(http)d backlog=4096; %(rewrite)s }
    server { listen 127.0.0.1:%(https)d ssl backlog=4096; %(rewrite)s }
    server { listen 127.0.0.1:%(h2)d ssl http2 backlog=4096; %(rewrite)s }
    server { %(many)s %(rewrite)s }
    server { %(many_tls)s %(rewrite)s }
    server { listen 127.0.0.1:%(status)d; access_log off; stub_status; }
}
"""


class Nginx:
    """nginx on this machine's own addresses, with a tree of small files and two large ones."""

    def __init__(self, directory, workers):
        self.dir = directory
        self.port = {name: free_port()
                     for name in ("http", "https", "h2", "many", "many_tls", "status")}
        tree = os.path.join(directory, "tree")
        os.mkdir(tree)
        make_tree(tree)
        make_certificate(directory)
        self.ca = os.path.join(directory, "ca.pem")
        self.log = os.path.join(directory, "access.log")
        self.polls, self.before = 0, 0
        config = os.path.join(directory, "nginx.conf")
        with open(config, "w", encoding="ascii") as file:
            file.write(self.config(workers))
        self.process = subprocess.Popen(
            ["nginx", "-p", directory, "-e", os.path.join(directory, "nginx.err"), "-c", config],
            env=dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin"),
            stdin=subprocess.DEVNULL, start_new_session=True)
        self.wait_ready()

    def config(self, workers):
        listen = "listen %s:%d%s;"
        values = {
            "dir": self.dir, "workers": workers, "rewrite": REWRITE,
            "files": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
            "user": "user root;" if os.getuid() == 0 else "",
            "many": " ".join(listen % (address(n), self.port["many"], "") for n in range(ORIGINS)),
            "many_tls": " ".join(listen % (address(n), self.port["many_tls"], " ssl")
                                 for n in range(TLS_ORIGINS))}
        return CONFIG % {**self.port, **values}

    def wait_ready(self):
        for _ in range(100):
            if self.process.poll() is not None:
                break
            try:
                self.count_logged()
                return
            except OSError:
                time.sleep(0.1)
        with open(os.path.join(self.dir, "nginx.err"), encoding="utf-8") as log:
            raise RuntimeError("nginx did not start: " + log.read())

    def count_logged(self):
        """How many lines the log has had or is to have: nginx's own counter, without our polls."""
        status = get("http://127.0.0.1:%d/" % self.port["status"])
        self.polls += 1
        return int(re.search(r"\n (\d+) (\d+) (\d+)", status).group(3)) - self.polls

    def read_lines(self):
        """The lines of this run, when the last has arrived: nginx writes them late."""
        wanted = self.count_logged() - self.before
        end = time.monotonic() + QUIET_S
        while True:
            with open(self.log, "rb") as log:
                lines = log.readlines()
            if len(lines) >= wanted or time.monotonic() > end:
                return lines
            time.sleep(0.1)

    def begin(self):
        self.read_lines()
        os.truncate(self.log, 0)
        self.before = self.count_logged()

    def end(self):
        lines = self.read_lines()
        fetched, connections, resumed, secure = set(), set(), set(), set()
        for line in lines:
            number, status, whole, reused, url = line.split(b" ", 4)
            connections.add(number)
            if status == b"200" and whole == b"OK":
                fetched.add(url)
            if url.startswith(b"https"):
                (resumed if reused.startswith(b"r") else secure).add(number)
        return Seen(len(fetched), len(lines), len(connections), len(secure), len(resumed))

    def small(self, count, port="http"):
        """`count` different URLs of small files."""
        start = "%s://127.0.0.1:%d" % ("http" if port == "http" else "https", self.port[port])
        return ["%s/d%d/%03d.html" % (start, n // FILES, n % FILES) for n in range(count)]

    def origins(self, count, each, port="many"):
        """`each` different URLs at each of `count` addresses, sorted by address."""
        form = "%s://%%s:%d/d%%d/%%03d.html" % ("http" if port == "many" else "https",
                                                self.port[port])
        return [form % (address(o), n // FILES, n % FILES)
                for o in range(count) for n in range(each)]

    def large(self, count, size):
        """`count` files of `size` bytes that take no room on the disk."""
        for number in range(count):
            make_sparse(os.path.join(self.dir, "tree", "l%d-%d" % (size, number)), size)
        return ["http://127.0.0.1:%d/l%d-%d" % (self.port["http"], size, n) for n in range(count)]

    def stop(self):
        self.process.terminate()
        self.process.wait()


class TestServer:
    """haul-testserver: delays and faults."""

    def __init__(self, program, addresses):
        self.process = subprocess.Popen([program, "--addresses", str(addresses)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        start_new_session=True)
        ready = self.process.stdout.readline().decode().split()
        if ready[:1] != ["ready"]:
            raise RuntimeError("haul-testserver did not start")
        self.port = {name: int(port) for name, port in (word.split("=") for word in ready[1:])}

    def url(self, path):
        return "http://127.0.0.1:%d%s" % (self.port["http"], path)

    def begin(self):
        get(self.url("/stats/reset"))

    def end(self):
        stats = json.loads(get(self.url("/stats")))
        requests = stats["requests"]
        return Seen(requests, requests, stats["connections"] - 1,
                    stats["tls_handshakes"] - stats["tls_resumed"], stats["tls_resumed"])

    def delays(self, count, delay_ms):
        return [self.url("/delay?ms=%d&n=5&i=%d" % (delay_ms, n)) for n in range(count)]

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
