"""The cryptography of the form: encryption, signatures and pseudonyms."""

from form_service.crypto.keys import CannotOpen, CannotSeal
from form_service.crypto.sealer import SealedData, Sealer
from form_service.crypto.smime import CertificateState

__all__ = ["CannotOpen", "CannotSeal", "CertificateState", "SealedData", "Sealer"]
