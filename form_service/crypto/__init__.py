"""All cryptography: encryption of stored data, and signatures.

This package takes and returns bytes; their meaning is left to its callers.
"""

from form_service.crypto.keys import CannotOpen, CannotSeal
from form_service.crypto.sealer import SealedData, Sealer
from form_service.crypto.smime import CertificateState

__all__ = ["CannotOpen", "CannotSeal", "CertificateState", "SealedData", "Sealer"]
