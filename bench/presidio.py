"""
The other side of the comparison, in its own environment: presidio-analyzer with a blank Swedish model.

Reads a JSON list of texts a line, and answers with the seconds of processor time it took and what was found in each
text. Only its recognisers of Swedish identity numbers, telephone numbers and e-mail addresses run, as they come; with
--swedish-phones the telephone recogniser is told to look for Swedish numbers and for no others.
"""

from __future__ import annotations

import json
import sys
import time

import spacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import EmailRecognizer, PhoneRecognizer, SePersonnummerRecognizer

_ENTITIES = ["SE_PERSONNUMMER", "PHONE_NUMBER", "EMAIL_ADDRESS"]


class _Blank(SpacyNlpEngine):
    """A Swedish model that knows only how to part words: nothing is trained, nothing is downloaded."""

    def __init__(self) -> None:
        super().__init__(models=[{"lang_code": "sv", "model_name": "blank"}])
        self.nlp = {"sv": spacy.blank("sv")}

    def load(self) -> None:
        """There is nothing to load."""


def main() -> None:
    """Answer until there are no more lines."""
    regions = {"supported_regions": ["SE"]} if "--swedish-phones" in sys.argv else {}
    registry = RecognizerRegistry(supported_languages=["sv"])
    for recognizer in (
        SePersonnummerRecognizer(supported_language="sv"),
        PhoneRecognizer(supported_language="sv", **regions),
        EmailRecognizer(supported_language="sv"),
    ):
        registry.add_recognizer(recognizer)
    engine = AnalyzerEngine(registry=registry, nlp_engine=_Blank(), supported_languages=["sv"])
    entities = [name for name in _ENTITIES if name in engine.get_supported_entities("sv")]
    sys.stdout.write(json.dumps({"entities": entities}) + "\n")
    sys.stdout.flush()
    for line in sys.stdin:
        texts = json.loads(line)
        began = time.process_time()
        found = [engine.analyze(text, language="sv", entities=entities) for text in texts]
        seconds = time.process_time() - began
        kinds = [sorted({one.entity_type for one in each}) for each in found]
        sys.stdout.write(json.dumps({"seconds": seconds, "found": kinds}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
