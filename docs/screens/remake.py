#!/usr/bin/env python3
"""Remakes the pictures of docs/screens from the demo.

    fieldsync demo --port 0 --data DIR        # in another terminal; it prints its address
    docs/screens/remake.py http://127.0.0.1:PORT [NAME ...]

Needs playwright for Python and a Chromium (CHROMIUM names it if it is not on the path). With
names it remakes those alone.
"""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
WIDTH = {"desk": (1280, 860), "phone": (390, 844)}

# Name, width, language, address.
SCREENS = [
    ("../board", "desk", "en", "/board"),
    ("leaderboard", "desk", "en", "/leaderboard"),
    ("funnel", "desk", "zh-CN", "/funnel"),
    ("coverage", "desk", "en", "/coverage"),
    ("risks", "desk", "zh-CN", "/risks"),
    ("due", "phone", "zh-CN", "/due"),
]


def sign_in(page: Page, base: str) -> None:
    page.goto(f"{base}/sign-in")
    page.fill("input[name=login]", "manager")
    page.fill("input[name=password]", "fieldsync-demo")
    page.click("button[type=submit]")
    page.wait_for_load_state()


def main() -> None:
    base, wanted = sys.argv[1].rstrip("/"), sys.argv[2:]
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, width, language, address in SCREENS:
            if wanted and name not in wanted:
                continue
            across, down = WIDTH[width]
            context = browser.new_context(viewport={"width": across, "height": down})
            page = context.new_page()
            sign_in(page, base)
            page.goto(f"{base}{address}?lang={language}")
            path = HERE / f"{name}.png"
            page.screenshot(path=str(path))
            print(f"{path.name}: {path.stat().st_size // 1000} kB")
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
