"""The cryptography of the form: encryption, signatures and pseudonyms.

Only the callers know what the data means that this package encrypts and signs.
"""

from form_service.crypto.keys import CannotOpen, CannotSeal
from form_service.crypto.sealer import SealedData, Sealer
from form_service.crypto.smime import CertificateState

__all__ = ["CannotOpen", "CannotSeal", "CertificateState", "SealedData", "Sealer"]
