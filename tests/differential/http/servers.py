"""Real HTTP servers on loopback ports. Each tells which requests it took: Server.taken is a list of (host, body)."""

import http.server
import json
import pathlib
import re
import shutil
import socket
import socketserver
import subprocess
import threading

METHOD = re.compile(r"do_[A-Za-z]+$")
HERE = pathlib.Path(__file__).resolve().parent


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    def __init__(self, name, port, command=None):
        self.name, self.port, self.taken, self.process = name, port, [], None
        if command:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # pylint: disable=consider-using-with
            self.reader = threading.Thread(target=self.read, daemon=True)
            self.reader.start()

    def read(self):
        for line in self.process.stdout:
            try:
                said = json.loads(line)
            except ValueError:
                continue
            self.taken.append((said["host"], said["body"].encode("latin1", "replace")))

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(10)


def python_server():
    """Python's http.server, with a handler that reads the body as most do."""
    server = Server("http.server", free_port())

    class Handler(http.server.BaseHTTPRequestHandler):
        def __getattr__(self, name):
            if not METHOD.match(name):
                raise AttributeError(name)
            return self.take

        def take(self):
            length = self.headers.get("Content-Length") or "0"
            try:
                body = self.rfile.read(max(0, int(length)))
            except ValueError:
                body = b""
            server.taken.append((self.headers.get("Host") or "", body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    class Threads(socketserver.ThreadingMixIn, http.server.HTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            pass

    server.listener = Threads(("127.0.0.1", server.port), Handler)
    threading.Thread(target=server.listener.serve_forever, daemon=True).start()
    return server


class Backend(socketserver.StreamRequestHandler):
    """Behind a proxy: notes what it forwards. The path's first word names the proxy."""

    proxies = {}

    def handle(self):
        try:
            first = self.rfile.readline().split(b" ")
            headers = {}
            while (line := self.rfile.readline().strip()):
                name, _, value = line.partition(b":")
                headers[name.lower()] = value.strip()
            body = b""
            if b"content-length" in headers:
                body = self.rfile.read(int(headers[b"content-length"]))
            elif headers.get(b"transfer-encoding", b"").lower() == b"chunked":
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
            host = headers.get(b"x-host") or headers.get(b"host", b"")
            name = first[1].lstrip(b"/").split(b"/")[0].split(b"?")[0].decode("latin1")
            if name in self.proxies:
                self.proxies[name].taken.append((host.decode("latin1"), body))
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        except (OSError, ValueError, IndexError):
            pass


class Proxies(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True
    request_queue_size = 64


NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log /dev/null crit;
events {{ worker_connections 256; }}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port};
    location / {{ rewrite ^ /nginx break; proxy_pass http://127.0.0.1:{backend}; proxy_set_header X-Host $host; proxy_ignore_client_abort on; }} }}
  server {{ listen 127.0.0.1:{lenient}; ignore_invalid_headers off; underscores_in_headers on; merge_slashes off;
    location / {{ rewrite ^ /nginx-lenient break; proxy_pass http://127.0.0.1:{backend}; proxy_set_header X-Host $host; proxy_ignore_client_abort on; }} }}
}}
"""
APACHE = """
ServerRoot {folder}
PidFile {folder}/apache.pid
Mutex pthread
ErrorLog /dev/null
ServerName localhost
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
Listen 127.0.0.1:{port}
Listen 127.0.0.1:{lenient}
ProxyPreserveHost On
<VirtualHost 127.0.0.1:{port}>
  ProxyPass / http://127.0.0.1:{backend}/Apache/
</VirtualHost>
<VirtualHost 127.0.0.1:{lenient}>
  HttpProtocolOptions Unsafe LenientMethods Allow0.9
  ProxyPass / http://127.0.0.1:{backend}/Apache-unsafe/
</VirtualHost>
"""


def proxies(folder):
    listener = Proxies(("127.0.0.1", 0), Backend)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    out, backend = [], listener.server_address[1]
    for name, lenient, text, command in (
        ("nginx", "nginx-lenient", NGINX, ["nginx", "-p", folder, "-c", f"{folder}/nginx.conf"]),
        ("Apache", "Apache-unsafe", APACHE, ["apache2", "-d", folder, "-f", f"{folder}/Apache.conf", "-DFOREGROUND"]),
    ):
        usual, other = Server(name, free_port()), Server(lenient, free_port())
        config = text.format(folder=folder, port=usual.port, lenient=other.port, backend=backend, modules="/usr/lib/apache2/modules")
        pathlib.Path(folder, f"{name}.conf").write_text(config, encoding="ascii")
        usual.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # pylint: disable=consider-using-with
        Backend.proxies.update({name: usual, lenient: other})
        out += [usual, other]
    return out


def start(build, folder):
    out = [python_server(), *proxies(folder)]
    port = free_port()
    out.append(Server("evhttp", port, [f"{build}/tests/differential/serve_evhttp", str(port)]))
    for mode in ("usual", "lenient"):
        port = free_port()
        out.append(Server("llhttp" if mode == "usual" else "llhttp-lenient", port, ["node", str(HERE / "serve_node.js"), str(port), mode]))
    if shutil.which("go"):
        port = free_port()
        command = ["go", "build", "-o", f"{folder}/serve_go", str(HERE / "serve_go/main.go")]
        subprocess.run(command, check=True, env={"HOME": folder, "PATH": "/usr/bin:/bin", "GO111MODULE": "off"})
        out.append(Server("Go", port, [f"{folder}/serve_go", str(port)]))
    else:
        print("go is not installed: its server is left out")
    return out
