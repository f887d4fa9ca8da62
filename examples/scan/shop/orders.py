"""Orders of the shop, with two planted defects: this code is here to be found fault with."""

import subprocess

import requests

WAREHOUSE = "https://warehouse.example"


def send(order: dict[str, str]) -> int:
    """Send an order to the warehouse."""
    answer = requests.post(f"{WAREHOUSE}/orders", json=order, timeout=5, verify=False)
    return answer.status_code


def label(order: dict[str, str]) -> str:
    """Print the label of an order."""
    done = subprocess.run(
        f"lp -d labels -t {order['item']}", shell=True, capture_output=True, check=True
    )
    return done.stdout.decode()
