"""Sends a studio what no honest page sends, and asks it honestly in between.

hostile_test.py PROGRAM FOLDER --weights FILE ... [--count COUNT] [--seed SEED] [--first CASE]: COUNT damaged requests
(default 3000) to the studio's own addresses, then its special cases: paths that lead outside, foreign hosts and origins,
heads and bodies without end, slow senders, connections by the hundred, pictures that grow. Exits with 0 where the studio
has answered every honest request, read and written nothing outside of its folders, kept its memory bounded and ended in
good order. A build under a sanitizer ends with an error of its own: launch/fuzz makes one.
"""

import argparse
import http.client
import json
import os
import random
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.parse
import zlib

import pictures

SECRET = "a secret that no answer may hold"


class Studio:
    def __init__(self, program, folder, weights):
        self.folder = folder
        for name in ("photos", "masks", "saved", "runs", "tmp"):
            os.makedirs(f"{folder}/{name}", exist_ok=True)
        with open(f"{folder}/secret.txt", "w") as file:
            file.write(SECRET)
        self.picture, self.mask = pictures.gradient(48, 40), pictures.mask(48, 40, (10, 10, 30, 30))
        for name, data in (("photos/a face.png", self.picture), ("masks/box.png", self.mask)):
            with open(f"{folder}/{name}", "wb") as file:
                file.write(data)
        self.process = subprocess.Popen(
            [program, "studio", *(part for path in weights for part in ("--weights", path)), "--folder", f"{folder}/photos",
             "--masks", f"{folder}/masks", "--output", f"{folder}/saved", "--runs", f"{folder}/runs", "--port", "0"],
            stdout=subprocess.PIPE, text=True, env=dict(os.environ, TMPDIR=f"{folder}/tmp"))
        self.port = int(re.search(r":(\d+)/", self.process.stdout.readline()).group(1))
        self.files = self.outside()

    def outside(self):
        """All files but those of the folders that the studio writes to."""
        found = {}
        for path, _, names in os.walk(self.folder):
            if os.path.relpath(path, self.folder).split("/")[0] not in ("saved", "tmp"):
                found |= {f"{path}/{name}": os.stat(f"{path}/{name}").st_mtime_ns for name in names}
        return found

    def send(self, method, target, body=b"", headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, target, body, headers or {})
        answer = connection.getresponse()
        result = answer.status, answer.read()
        connection.close()
        return result

    def raw(self, data, seconds=5):
        """The answer to bytes, as far as it comes."""
        answer = b""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as connection:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                while len(answer) < 1 << 22 and (piece := connection.recv(1 << 16)):
                    answer += piece
        except OSError:
            pass
        return answer

    def memory(self):
        """Resident, in MiB."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024

    def ask_honestly(self):
        """Opens, fills and forgets a picture."""
        status, body = self.send("POST", "/api/pictures?name=honest.png", self.picture)
        expect(status == 201, status, body)
        picture = json.loads(body)["id"]
        status, body = self.send("POST", f"/api/fills?picture={picture}&network=telea", self.mask)
        expect(status == 202, status, body)
        status, body = self.send("GET", f"/api/fills/{json.loads(body)['id']}/picture?wait=60")
        expect(status == 200 and body.startswith(b"\x89PNG"), status, body[:200])
        expect(self.send("DELETE", f"/api/pictures/{picture}")[0] in (200, 204))

    def check(self, *words):
        expect(self.process.poll() is None, "the studio has ended", *words)
        self.ask_honestly()
        expect(self.outside() == self.files, "files outside have changed", *words)


def expect(condition, *words):
    if not condition:
        raise AssertionError(" ".join(str(word) for word in words) or "not as expected")


def request(method, target, body=b"", **headers):
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def damaged(data, chance):
    """Bytes changed, left out, doubled, cut off, and numbers and words that programs trip over."""
    words = [b"%00", b"%2e%2e%2f", b"..", b"-1", b"99999999999999999999", b"NaN", b"\xff\xfe", b"\r\n", b"\r\n\r\n", b"&", b"=", b"?",
             b"%", b"%zz", b"wait=600&wait=0", b"{}", b"\0", b"chunked", b"Transfer-Encoding: chunked\r\n", "ä🙂".encode()]
    data = bytearray(data)
    for _ in range(chance.randint(1, 5)):
        place = chance.randrange(len(data) or 1)
        match chance.randrange(6):
            case 0 if data: data[place] = chance.randrange(256)
            case 1: del data[place:place + chance.randint(1, 8)]
            case 2: data[place:place] = data[place:place + chance.randint(1, 60)]
            case 3: del data[place:]
            case _: data[place:place] = chance.choice(words)
    return bytes(data)


def mutations(studio, count, seed, first):
    _, body = studio.send("POST", "/api/pictures?name=a.png", studio.picture)
    picture = json.loads(body)["id"]
    _, body = studio.send("POST", f"/api/fills?picture={picture}&network=telea", studio.mask)
    fill = json.loads(body)["id"]
    studio.send("GET", f"/api/fills/{fill}?wait=60")
    folder = json.loads(studio.send("GET", "/api/folder")[1])[0]["id"]
    mask = json.loads(studio.send("GET", "/api/masks")[1])[0]["id"]
    honest = [
        request("GET", "/"), request("GET", "/studio.js"), request("GET", "/api"), request("GET", "/api/status"),
        request("GET", "/api/networks"), request("POST", "/api/pictures?name=b.png", studio.picture),
        request("GET", f"/api/pictures/{picture}"), request("GET", f"/api/pictures/{picture}/view"),
        request("GET", f"/api/pictures/{picture}/parts/nose"), request("POST", f"/api/pictures/{picture}/mask", studio.mask),
        request("GET", "/api/folder"), request("POST", f"/api/folder/{folder}"), request("GET", f"/api/folder/{folder}/thumbnail"),
        request("GET", f"/api/masks/{mask}?picture={picture}"),
        request("POST", f"/api/fills?picture={picture}&network=telea&region=hole&session=s&from={fill}", studio.mask),
        request("POST", f"/api/fills?picture={picture}&network=noisy&variant=2&seed=3", studio.mask),
        request("GET", f"/api/fills/{fill}?wait=0"), request("GET", f"/api/fills/{fill}/patch"),
        request("GET", f"/api/fills/{fill}/picture?format=jpeg&quality=80&name=c"),
        request("POST", f"/api/fills/{fill}/save?format=png&name=c"), request("POST", "/api/sessions/s/close"),
        request("GET", "/api/faces?count=8&seed=2&truncation=70"), request("GET", "/api/runs"), request("GET", "/api/runs/x/report"),
        request("GET", "/api/runs/x/samples/1"), request("GET", "/runs/x/"),
        request("GET", "/api/status", Origin="http://localhost", Cookie="a=b", Authorization="Bearer c", Range="bytes=0-4"),
    ]
    for number in range(first, first + count):
        chance = random.Random(f"{seed} {number}")
        answer = studio.raw(damaged(chance.choice(honest), chance), seconds=1)
        expect(SECRET.encode() not in answer and b"root:" not in answer, "case", number)
        expect(b"Internal" not in answer, "case", number, answer[:400])
        if number % 250 == 0:
            studio.check("case", number)
    # What the mutations have begun is not waited for.
    for word in ("s", ""):
        studio.send("POST", f"/api/sessions/{word}/close")
    studio.check()


def paths_outside(studio):
    plain = ["../secret.txt", "../../secret.txt", "/etc/passwd", f"{studio.folder}/secret.txt", "..\\..\\secret.txt", "secret.txt\0.png"]
    ways = [lambda path: path, lambda path: urllib.parse.quote(path, safe=""),
            lambda path: urllib.parse.quote(urllib.parse.quote(path, safe=""), safe=""),
            lambda path: "".join(f"%{byte:02x}" for byte in path.encode()), lambda path: path.replace(".", "%2e").replace("/", "%c0%af")]
    addresses = [("GET", "/{}"), ("GET", "/api/pictures/{}"), ("GET", "/api/pictures/{}/view"), ("GET", "/api/fills/{}/picture"),
                 ("GET", "/api/fills/{}/patch"), ("POST", "/api/folder/{}"), ("GET", "/api/folder/{}/thumbnail"), ("GET", "/api/masks/{}"),
                 ("GET", "/api/runs/{}/report"), ("GET", "/api/runs/x/samples/{}"), ("GET", "/runs/{}/"), ("GET", "/api/faces?network={}"),
                 ("POST", "/api/fills?picture={}"), ("POST", "/api/sessions/{}/close"), ("DELETE", "/api/pictures/{}")]
    for method, address in addresses:
        for way in ways:
            for path in plain:
                answer = studio.raw(request(method, address.format(way(path).replace("\0", "%00"))))
                expect(SECRET.encode() not in answer and b"root:" not in answer, method, address, path)
    _, body = studio.send("POST", "/api/pictures?name=" + urllib.parse.quote("../../x.png"), studio.picture)
    picture = json.loads(body)["id"]
    _, body = studio.send("POST", f"/api/fills?picture={picture}&network=telea", studio.mask)
    fill = json.loads(body)["id"]
    studio.send("GET", f"/api/fills/{fill}?wait=60")
    for way in ways:
        for path in plain:
            answer = studio.raw(request("POST", f"/api/fills/{fill}/save?name={way(path)}".replace("\0", "%00")))
            expect(answer, path)
    expect(all("/" not in name for name in os.listdir(f"{studio.folder}/saved")))


def strangers(studio):
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "169.254.169.254", ""):
        status, _ = studio.send("GET", "/api/networks", headers={"Host": host})
        expect(status in (400, 421), host, status)
    for origin in ("http://evil.example", "null", "http://localhost.evil.example", "file://"):
        status, _ = studio.send("POST", "/api/pictures?name=a.png", studio.picture, {"Origin": origin})
        expect(status == 403, origin, status)
    status, _ = studio.send("POST", "/api/pictures?name=a.png", studio.picture, {"Sec-Fetch-Site": "cross-site"})
    expect(status in (201, 403), status)


def without_end(studio):
    before = studio.memory()
    head = b"GET /api/status HTTP/1.1\r\nHost: localhost\r\n"
    for data in (b"GET /" + b"a" * (1 << 20), head + b"X: " + b"a" * (1 << 20), head + b"".join(b"X-%d: a\r\n" % n for n in range(5000)),
                 request("POST", "/api/pictures?name=a.png").replace(b"Content-Length: 0", b"Content-Length: 10000000000"),
                 request("POST", "/api/pictures?name=a.png").replace(b"Content-Length: 0", b"Content-Length: -5"),
                 request("POST", "/api/pictures?name=a.png").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")):
        answer = studio.raw(data + b"\r\n\r\n")
        expect(re.match(rb"HTTP/1\.1 4\d\d ", answer) or answer == b"", answer[:200])
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    # Pictures of few bytes and many pixels: by their header, and by what they unpack to.
    for width, height in ((40000, 40000), (2**31 - 1, 2**31 - 1), (7900, 7900)):
        packer = zlib.compressobj(9)
        rows = packer.compress(b"\0" * (64 << 20)) + packer.flush()
        bomb = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
                + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
        status, body = studio.send("POST", "/api/pictures?name=bomb.png", bomb)
        expect(status in (201, 413, 422), width, status, body[:200])
    # Texts of few bytes that unpack to 16 MB each: an answer has to come within the minute that `send` waits.
    text = chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\na\nb\n" + b"0" * ((16 << 20) - 100), 9))
    small = pictures.gradient(8, 8)
    status, body = studio.send("POST", "/api/pictures?name=texts.png", small[:-12] + 400 * text + small[-12:])
    expect(status == 201, "texts", status, body[:200])
    studio.send("DELETE", f"/api/pictures/{json.loads(body)['id']}")
    expect(studio.memory() - before < 1500, "MiB before and after", before, studio.memory())


def many_connections(studio):
    slow = []
    try:
        for number in range(400):
            connection = socket.create_connection(("127.0.0.1", studio.port), timeout=5)
            try:
                connection.sendall([b"", b"GET / HT", b"POST /api/pictures HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nab"][number % 3])
            except OSError:
                pass
            slow.append(connection)
        studio.ask_honestly()
        # A stream of events that nobody reads, and one that is left at once.
        for _ in range(100):
            connection = socket.create_connection(("127.0.0.1", studio.port), timeout=5)
            connection.sendall(request("GET", "/api/events?session=x"))
            slow.append(connection)
        studio.ask_honestly()
        time.sleep(1)
        closed = sum(1 for one in slow if select.select([one], [], [], 0)[0])
        expect(closed > 0, "nobody was sent away")
    finally:
        for connection in slow:
            connection.close()


def listeners_that_leave(studio, seconds=5):
    """Streams of events that are left while fills are told of: nobody may wait for anybody for ever."""
    _, body = studio.send("POST", "/api/pictures?name=small.png", studio.picture)
    picture = json.loads(body)["id"]
    end, told = time.monotonic() + seconds, []

    def listen():
        while time.monotonic() < end:
            with socket.create_connection(("127.0.0.1", studio.port), timeout=5) as connection:
                connection.sendall(request("GET", "/api/events?session=leave"))
                connection.recv(200)

    def fill():
        while time.monotonic() < end:
            told.append(studio.send("POST", f"/api/fills?picture={picture}&session=leave", studio.mask)[0])

    threads = [threading.Thread(target=work, daemon=True) for work in [listen] * 6 + [fill] * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    expect(not any(thread.is_alive() for thread in threads), "the studio answers no more")
    expect(len(told) > 10 and set(told) <= {202, 429}, set(told))
    studio.send("DELETE", f"/api/pictures/{picture}")


def full_queue(studio):
    """More holes than wait: 429, and after the cancelling all is well."""
    _, body = studio.send("POST", "/api/pictures?name=large.png", pictures.gradient(1200, 900))
    picture = json.loads(body)["id"]
    mask = pictures.mask(1200, 900, (200, 200, 900, 700))
    states = [studio.send("POST", f"/api/fills?picture={picture}&network=patchmatch&session=full", mask) for _ in range(30)]
    codes = {status for status, _ in states}
    expect(codes == {202, 429}, codes)
    expect(all(len(json.loads(body)["error"]) > 20 for status, body in states if status == 429))
    expect(studio.send("POST", "/api/sessions/full/close")[0] == 204)
    for status, body in states:
        if status == 202:
            _, body = studio.send("GET", f"/api/fills/{json.loads(body)['id']}?wait=60")
            expect(json.loads(body)["state"] in ("cancelled", "done"), body)
    masks = [name for folder in os.listdir(f"{studio.folder}/tmp") for name in os.listdir(f"{studio.folder}/tmp/{folder}")
             if name.endswith("-mask")]
    expect(len(masks) <= 1, "masks of cancelled fills are left:", masks)
    studio.send("DELETE", f"/api/pictures/{picture}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("folder")
    parser.add_argument("--weights", action="append", required=True)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    # Test runners block signals, and children inherit that.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    # Who calls may write beside it.
    studio = Studio(given.program, f"{given.folder}/studio", given.weights)
    try:
        studio.check()
        start, early = time.monotonic(), studio.memory()
        mutations(studio, given.count, given.seed, given.first)
        for case in (paths_outside, strangers, without_end, many_connections, listeners_that_leave,
                     full_queue):
            case(studio)
            studio.check(case.__name__)
            print(f"{case.__name__}: fine", flush=True)
        print(f"{given.count} damaged requests and the special ones in {time.monotonic() - start:.0f} s; "
              f"{early:.0f} MiB at the start, {studio.memory():.0f} MiB at the end", flush=True)
    finally:
        studio.process.terminate()
        status = studio.process.wait(60)
    expect(status == 0, "the studio does not end in good order:", status)
    left = os.listdir(f"{studio.folder}/tmp")
    expect(not left, "temporary files are left:", left)
    return 0


if __name__ == "__main__":
    sys.exit(main())
