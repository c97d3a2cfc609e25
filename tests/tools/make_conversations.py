#!/usr/bin/env python3
"""Makes conversations in the import format, one JSON object a line, from a file of customers' questions.

    python3 tests/tools/make_conversations.py questions.csv 100000 > conversations.jsonl
    countersign import conversations.jsonl --register-vocabulary

The file is CSV with the columns `text` and `category`. The same arguments give the same lines, but for their times, which
end now. About three in four conversations carry a draft; the others wait to be classified.
"""

import argparse
import csv
import datetime
import json
import random
import re
import sys

CHANNELS = {"email": 0.55, "webchat": 0.30, "sms": 0.15}
LANGUAGES = {"en": 0.70, "de": 0.10, "es": 0.08, "fr": 0.07, "it": 0.05}
GREETINGS = {
    "en": "Hello,\n\nthank you for your message. ",
    "de": "Guten Tag,\n\nvielen Dank für Ihre Nachricht. ",
    "es": "Buenos días:\n\nGracias por su mensaje. ",
    "fr": "Bonjour,\n\nmerci de votre message. ",
    "it": "Buongiorno,\n\ngrazie per il messaggio. ",
}
REPLIES = {
    "en": ["We have looked into it and will come back to you today.", "Your request was passed on to the right team.",
           "Please check the app once more; the change is visible there by now."],
    "de": ["Wir haben es geprüft und melden uns heute noch.", "Ihr Anliegen liegt beim zuständigen Team."],
    "es": ["Lo hemos revisado y le responderemos hoy mismo.", "Su solicitud está en manos del equipo responsable."],
    "fr": ["Nous avons vérifié et revenons vers vous aujourd'hui.", "Votre demande est entre de bonnes mains."],
    "it": ["Abbiamo verificato e la ricontattiamo oggi.", "La sua richiesta è stata inoltrata al reparto giusto."],
}
SPANS = ["15m", "30m", "1h", "2h", "4h", "8h"]


def code(category):
    """A category as a registered code: lowercase letters and underscores."""
    return re.sub(r"[^a-z]+", "_", category.lower()).strip("_")[:48]


def pick(chance, weights):
    return chance.choices(list(weights), weights.values())[0]


def conversation(number, questions, agency, chance, now):
    text, category = questions[number % len(questions)]
    language = pick(chance, LANGUAGES)
    asked = now - datetime.timedelta(seconds=chance.randrange(0, 3 * 3600))
    messages = []
    for earlier in range(chance.choice([0, 0, 0, 1, 2])):
        before = asked - datetime.timedelta(hours=30 - 8 * earlier)
        question, _ = chance.choice(questions)
        messages.append({"direction": "inbound", "at": stamp(before), "body": question})
        answered = before + datetime.timedelta(minutes=chance.randrange(5, 90))
        messages.append({"direction": "outbound", "at": stamp(answered), "body": chance.choice(REPLIES["en"])})
    messages.append({"direction": "inbound", "at": stamp(asked), "body": text})
    made = {
        "agency": agency,
        "customer_ref": f"cust-{number:07d}",
        "channel_kind": pick(chance, CHANNELS),
        "language": language,
        "intent_code": code(category),
        "confidence": round(min(1.0, max(0.0, chance.gauss(0.82, 0.14))), 3),
        "priority": chance.choices(range(10), [1, 2, 4, 8, 16, 32, 16, 8, 4, 1])[0],
        "sla": chance.choice(SPANS),
        "messages": messages,
    }
    if chance.random() < 0.75:
        body = GREETINGS[language] + chance.choice(REPLIES[language])
        made["draft"] = {"author": f"drafter-{chance.randrange(1, 4)}", "body": body}
    return made


def stamp(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("questions", help="a CSV file with the columns text and category")
    parser.add_argument("count", type=int, help="how many conversations")
    parser.add_argument("--agency", default="local")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with open(arguments.questions, newline="", encoding="utf-8") as file:
        questions = [(row["text"], row["category"]) for row in csv.DictReader(file) if row["text"].strip()]
    chance = random.Random(arguments.seed)
    now = datetime.datetime.now(datetime.timezone.utc)
    for number in range(arguments.count):
        json.dump(conversation(number, questions, arguments.agency, chance, now), sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")


if __name__ == "__main__":
    main()
