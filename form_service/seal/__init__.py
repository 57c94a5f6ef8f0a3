"""All cryptography: what is stored is sealed here first, what is signed is signed here."""

from form_service.seal.certificates import CertificateState
from form_service.seal.keys import CannotOpen, CannotSeal
from form_service.seal.seal import Seal, SealedMail

__all__ = ["CannotOpen", "CannotSeal", "CertificateState", "Seal", "SealedMail"]
