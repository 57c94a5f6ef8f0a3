"""All cryptography: what is stored is sealed here first, what is signed is signed here."""

from form_service.crypto.keys import CannotOpen, CannotSeal
from form_service.crypto.sealer import Seal, SealedMail
from form_service.crypto.smime import CertificateState

__all__ = ["CannotOpen", "CannotSeal", "CertificateState", "Seal", "SealedMail"]
