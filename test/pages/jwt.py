"""A key for tokens (JWT), and tokens that it has signed, by openssl."""
import base64
import json
import subprocess
import time


def _openssl(*arguments, data=b""):
    return subprocess.run(["openssl", *arguments], input=data, check=True,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE).stdout


def _base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def make_key(file):
    """Writes a private key; returns the set of keys (JWKS) that has it."""
    _openssl("genpkey", "-algorithm", "RSA", "-pkeyopt",
             "rsa_keygen_bits:2048", "-out", file)
    modulus = _openssl("rsa", "-in", file, "-noout", "-modulus")
    n = bytes.fromhex(modulus.decode().strip().split("=")[1])
    return json.dumps({"keys": [{
        "kty": "RSA", "kid": "docs", "use": "sig", "alg": "RS256",
        "n": _base64url(n), "e": "AQAB"}]})


def make_token(file, subject):
    parts = ({"alg": "RS256", "typ": "JWT", "kid": "docs"},
             {"sub": subject, "exp": int(time.time()) + 3600})
    text = ".".join(_base64url(json.dumps(part).encode()) for part in parts)
    signature = _openssl("dgst", "-sha256", "-sign", file, data=text.encode())
    return text + "." + _base64url(signature)
