"""Certificates and TLS contexts of endpoints, right and wrong ones."""
import os
import ssl
import subprocess


def openssl(directory, *arguments):
    subprocess.run(["openssl", *arguments], cwd=directory, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _authority(directory, name):
    openssl(directory, "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
            "-subj", "/CN=faults " + name, "-keyout", name + ".key",
            "-out", name + ".pem")


def _certificate(directory, name, authority, host, *dates):
    """dates: as "openssl ca" takes them; by default a month from now."""
    openssl(directory, "req", "-new", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
            "/CN=" + host, "-keyout", name + ".key", "-out", name + ".csr")
    with open(os.path.join(directory, name + ".ext"), "w") as ext:
        ext.write("subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n"
                  % host)
    with open(os.path.join(directory, "ca.cnf"), "w") as config:
        config.write("[ca]\ndefault_ca=a\n[a]\ndatabase=index\nserial=serial\n"
                     "new_certs_dir=.\ndefault_md=sha256\npolicy=p\n"
                     "unique_subject=no\n[p]\ncommonName=supplied\n")
    for file, text in (("index", ""), ("serial", "%02X\n" % os.urandom(1)[0])):
        with open(os.path.join(directory, file), "w") as opened:
            opened.write(text)
    openssl(directory, "ca", "-batch", "-config", "ca.cnf", "-cert",
            authority + ".pem", "-keyfile", authority + ".key", "-in",
            name + ".csr", "-out", name + ".pem", "-extfile", name + ".ext",
            "-notext", *(dates or ("-days", "30")))


def make(directory):
    """The files: ca.pem to trust, and pairs for context()."""
    _authority(directory, "ca")
    _authority(directory, "other")
    _certificate(directory, "good", "ca", "localhost")
    _certificate(directory, "wrong_host", "ca", "elsewhere.test")
    _certificate(directory, "unknown", "other", "localhost")
    _certificate(directory, "expired", "ca", "localhost", "-startdate",
                 "200101000000Z", "-enddate", "200102000000Z")
    _certificate(directory, "early", "ca", "localhost", "-startdate",
                 "490101000000Z", "-enddate", "490102000000Z")


def context(directory, name="good", http2=False, old=False):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(os.path.join(directory, name + ".pem"),
                         os.path.join(directory, name + ".key"))
    made.set_alpn_protocols(["h2", "http/1.1"] if http2 else ["http/1.1"])
    if old:
        made.set_ciphers("ALL:@SECLEVEL=0")
        made.minimum_version = ssl.TLSVersion.TLSv1
        made.maximum_version = ssl.TLSVersion.TLSv1_1
    return made
