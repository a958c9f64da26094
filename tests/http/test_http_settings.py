"""Settings from the environment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from convexity.settings import Settings, SettingsError

FOLDER = Path("/srv/backend")


def settings(**environment: str) -> Settings:
    return Settings.from_environment(environment, FOLDER)


def test_defaults():
    assert settings() == Settings(
        database=FOLDER / "data/app.db",
        data_folder=FOLDER / "data",
        storage=FOLDER / "data/storage",
        admin_key=None,
        cloud_url="http://127.0.0.1:3210",
        site_url="http://127.0.0.1:3211",
        process_workers=os.cpu_count() or 1,
        redact_errors=False,
    )


def test_an_empty_variable_counts_as_absent():
    names = ("DATABASE_URL", "CONVEXITY_ADMIN_KEY", "CONVEX_CLOUD_URL", "CONVEXITY_REDACT_ERRORS")
    assert settings(**dict.fromkeys(names, "")) == settings()


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///other.db", FOLDER / "other.db"),
        ("sqlite:////var/lib/app.db", Path("/var/lib/app.db")),
    ],
)
def test_paths_are_relative_to_the_folder_or_absolute(url: str, path: Path):
    assert settings(DATABASE_URL=url).database == path


@pytest.mark.parametrize("text", ["1", "true", "True", "yes"])
def test_errors_can_be_redacted(text: str):
    assert settings(CONVEXITY_REDACT_ERRORS=text).redact_errors


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("DATABASE_URL", "postgresql://localhost", "it names no database"),
        ("DATABASE_URL", "postgresql://localhost:many/app", "it is no address"),
        ("DATABASE_URL", "postgres://localhost/app?pool_size=0", "a number from 1 on"),
        ("DATABASE_URL", "postgres://localhost/app?connect_timeout=x", "a number of seconds"),
        ("DATABASE_URL", "postgres://localhost/app?listen=maybe", "true"),
        ("DATABASE_URL", "mysql://localhost", "sqlite:///<path>"),
        ("DATABASE_URL", "sqlite:///", "sqlite:///<path>"),
        ("DATABASE_URL", "app.db", "sqlite:///<path>"),
        ("DATABASE_URL", "sqlite:///:memory:", "sqlite:///<path>"),
        ("STORAGE_URL", "data/storage", "file:///<path>"),
        ("STORAGE_URL", "gs://bucket", "s3://<bucket>"),
        ("STORAGE_URL", "s3://", "s3://<bucket>"),
        ("STORAGE_URL", "s3://bucket?region=x", "s3://<bucket>"),
        ("CONVEXITY_ADMIN_KEY", "a:b", "colon"),
        ("CONVEXITY_ADMIN_KEY", "name|", "empty"),
        ("CONVEX_CLOUD_URL", "example.org", "http://"),
        ("CONVEX_SITE_URL", "ftp://example.org", "http://"),
        ("CONVEXITY_REDACT_ERRORS", "maybe", "true"),
        ("CONVEXITY_PROCESS_WORKERS", "0", "a number of processes from 1 on"),
        ("CONVEXITY_PROCESS_WORKERS", "many", "a number of processes from 1 on"),
    ],
)
def test_a_value_that_cannot_be_used(variable: str, value: str, says: str):
    with pytest.raises(SettingsError) as caught:
        settings(**{variable: value})
    assert variable in str(caught.value)
    assert says in str(caught.value)
