"""A headless Chromium, driven by the W3C WebDriver protocol through Debian's chromium-driver.

Needs nothing but Python's own library.
"""

import base64
import json
import os
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def is_installed():
    return shutil.which("chromedriver") is not None and any(
        shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))


class Browser:
    def __init__(self, downloads):
        self.downloads = downloads
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        port = None
        while port is None:
            line = self.driver.stdout.readline()
            if not line:
                raise RuntimeError("chromedriver does not start")
            found = re.search(r"started successfully on port (\d+)", line)
            port = found and found.group(1)
        self.root = f"http://127.0.0.1:{port}"
        arguments = [
            "--headless=new", "--disable-gpu", "--no-first-run", "--disable-extensions",
            "--disable-background-networking", "--force-color-profile=srgb", "--disable-dev-shm-usage"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        answer = self._call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": arguments, "prefs": {
                "download.default_directory": downloads, "download.prompt_for_download": False}},
            "goog:loggingPrefs": {"browser": "ALL"}, "unhandledPromptBehavior": "accept"}}})
        self.session = f"/session/{answer['sessionId']}"
        self.resize(1440, 900)

    def close(self):
        try:
            self._call("DELETE", self.session)
        finally:
            self.driver.terminate()
            self.driver.wait(20)

    def _call(self, method, path, body=None):
        request = urllib.request.Request(
            self.root + path, method=method, headers={"Content-Type": "application/json"},
            data=None if method != "POST" else json.dumps(body or {}).encode())
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise RuntimeError(f"{path}: {value['error']}: {value['message'].splitlines()[0]}") from None

    def cdp(self, command, **parameters):
        return self._call(
            "POST", f"{self.session}/goog/cdp/execute", {"cmd": command, "params": parameters})

    # ---- pages

    def open(self, address):
        self._call("POST", f"{self.session}/url", {"url": address})

    def run(self, script, *arguments):
        """Runs a function's body in the page; a promise is waited for."""
        return self._call(
            "POST", f"{self.session}/execute/async",
            {"script": "const done = arguments[arguments.length - 1], given = [...arguments].slice(0, -1);"
             f"(async (...args) => {{ {script} }})(...given).then("
             "value => done([value ?? null]), error => done({failed: String(error?.stack ?? error)}));",
             "args": list(arguments)})

    def value(self, script, *arguments):
        outcome = self.run(script, *arguments)
        if isinstance(outcome, dict):
            raise RuntimeError(outcome["failed"])
        return outcome[0]

    def wait(self, script, *arguments, seconds=60):
        """Waits until an expression is true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.value(f"return {script}", *arguments)
            if found:
                return found
            time.sleep(0.05)
        raise AssertionError(f"never came true: {script}")

    def new_tab(self):
        handle = self._call("POST", f"{self.session}/window/new", {"type": "tab"})["handle"]
        self.switch(handle)
        return handle

    def handle(self):
        return self._call("GET", f"{self.session}/window")

    def switch(self, handle):
        self._call("POST", f"{self.session}/window", {"handle": handle})

    def log(self):
        """Errors and warnings of the page's console since the last call."""
        entries = self._call("POST", f"{self.session}/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING")]

    def resize(self, width, height, is_phone=False, ratio=1):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=ratio, mobile=is_phone)
        self.cdp("Emulation.setTouchEmulationEnabled", enabled=is_phone, maxTouchPoints=5 if is_phone else 1)

    def scheme(self, name):
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def reduced_motion(self, is_wanted):
        self.cdp("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-reduced-motion", "value": "reduce" if is_wanted else "no-preference"}])

    def screenshot(self, path):
        data = self.cdp("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    # ---- hands

    def find(self, selector):
        return self._call(
            "POST", f"{self.session}/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self._call("POST", f"{self.session}/element/{self.find(selector)}/click")

    def choose_file(self, selector, path):
        self._call("POST", f"{self.session}/element/{self.find(selector)}/value", {"text": path})

    def _mouse(self, kind, x, y, button="left", buttons=1, modifiers=0, **more):
        self.cdp("Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, buttons=buttons,
                 clickCount=1, modifiers=modifiers, **more)

    def drag(self, points, button="left", modifiers=0):
        buttons = {"left": 1, "right": 2, "middle": 4}[button]
        self._mouse("mouseMoved", *points[0], "none", 0)
        self._mouse("mousePressed", *points[0], button, buttons, modifiers)
        for point in points[1:]:
            self._mouse("mouseMoved", *point, button, buttons, modifiers)
        self._mouse("mouseReleased", *points[-1], button, 0, modifiers)

    def wheel(self, x, y, delta, modifiers=0):
        self._mouse("mouseWheel", x, y, "none", 0, modifiers, deltaX=0, deltaY=delta)

    def touch(self, *moves):
        """Moves of fingers: each a list of (x, y); the first puts them down, the end takes them up."""
        def points(places):
            return [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(places)]
        self.cdp("Input.dispatchTouchEvent", type="touchStart", touchPoints=points(moves[0]))
        for places in moves[1:]:
            self.cdp("Input.dispatchTouchEvent", type="touchMove", touchPoints=points(places))
        self.cdp("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def key(self, key, code=None, modifiers=0, kind="both"):
        """Presses a key; modifiers: 1 Alt, 2 Control, 8 Shift."""
        known = {"Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40,
                 "Delete": 46, "PageUp": 33, "PageDown": 34, "Tab": 9, " ": 32}
        number = known.get(key, ord(key.upper()) if len(key) == 1 else 0)
        common = dict(key=key, code=code or key, windowsVirtualKeyCode=number, modifiers=modifiers)
        if kind in ("both", "down"):
            self.cdp("Input.dispatchKeyEvent", type="rawKeyDown", **common)
        if kind in ("both", "up"):
            self.cdp("Input.dispatchKeyEvent", type="keyUp", **common)
