# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates: the self-signed one of HTTPS listeners, made once a process, and those of clients, which name an account."""

from __future__ import annotations

import datetime
import ssl
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

#: The kind of subjectAltName that holds a user principal name.
_PRINCIPAL_NAME = ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")
_UTF8_STRING = 0x0C


def tls_context(client_certificates: Iterable[Path] = ()) -> ssl.SSLContext:
    """For a server; the certificate names nobody, so clients must not validate it.

    Args:
        client_certificates: PEM files of the clients' certificates or of their issuers. A client may then show one that these vouch for.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory(prefix="winfleet-tls-") as folder:
        path = Path(folder) / "certificate.pem"
        path.write_bytes(server_certificate())
        context.load_cert_chain(path)
    for certificate in client_certificates:
        context.load_verify_locations(certificate)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


@cache
def server_certificate() -> bytes:
    """Key and certificate of every HTTPS listener (PEM)."""
    key, builder = _builder("winfleet simulated host")
    return _pem(key, builder.sign(key, hashes.SHA256()))


@cache
def server_certificate_der() -> bytes:
    """The certificate alone (DER), as clients see it."""
    return x509.load_pem_x509_certificate(server_certificate()).public_bytes(serialization.Encoding.DER)


def client_certificate(principal: str) -> bytes:
    """A self-signed client certificate with its key (PEM), for tests of certificate authentication.

    Args:
        principal: The user principal name, such as ``vagrant@localhost``; a host maps it to an account.
    """
    key, builder = _builder(principal.partition("@")[0])
    text = principal.encode()
    alternative = x509.SubjectAlternativeName([x509.OtherName(_PRINCIPAL_NAME, bytes((_UTF8_STRING, len(text))) + text)])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    builder = builder.add_extension(alternative, critical=False).add_extension(usage, critical=False)
    return _pem(key, builder.sign(key, hashes.SHA256()))


def principal_name(certificate: bytes) -> str:
    """The user principal name in a client's certificate (DER); empty if it holds none."""
    try:
        alternatives = x509.load_der_x509_certificate(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (ValueError, x509.ExtensionNotFound):
        return ""
    for name in alternatives.value.get_values_for_type(x509.OtherName):
        if name.type_id == _PRINCIPAL_NAME and name.value[:1] == bytes((_UTF8_STRING,)):
            return name.value[2:].decode("utf-8", "replace")
    return ""


def _builder(name: str) -> tuple[ec.EllipticCurvePrivateKey, x509.CertificateBuilder]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
    )
    return key, builder


def _pem(key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> bytes:
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private + certificate.public_bytes(serialization.Encoding.PEM)
