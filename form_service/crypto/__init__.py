"""All cryptography: what is stored is encrypted here first, what is signed is signed here.

It is handed bytes and gives back bytes; what they mean is the callers' business.
"""

from form_service.crypto.keys import CannotOpen, CannotSeal
from form_service.crypto.sealer import SealedData, Sealer
from form_service.crypto.smime import CertificateState

__all__ = ["CannotOpen", "CannotSeal", "CertificateState", "SealedData", "Sealer"]
