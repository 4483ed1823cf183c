"""What guards the dashboard: a private bucket, the API under its origin, and a policy that lets nothing foreign in."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.template import ROOT, load_template, resources

INDEX = ROOT / "web" / "dist" / "index.html"


def distribution() -> dict[str, Any]:
    (found,) = resources("AWS::CloudFront::Distribution").values()
    config: dict[str, Any] = found["Properties"]["DistributionConfig"]
    return config


def behaviours() -> dict[str, dict[str, Any]]:
    """How paths are answered, by pattern."""
    found = {it["PathPattern"]: it for it in distribution()["CacheBehaviors"]}
    return {"*": distribution()["DefaultCacheBehavior"], **found}


def security(policy: str) -> dict[str, Any]:
    config = resources("AWS::CloudFront::ResponseHeadersPolicy")[policy]["Properties"]["ResponseHeadersPolicyConfig"]
    headers: dict[str, Any] = config["SecurityHeadersConfig"]
    return headers


def directives(policy: str) -> dict[str, list[str]]:
    """What a policy lets in, by directive."""
    text = security(policy)["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    text = text["Fn::Sub"][0] if isinstance(text, dict) else text
    return {words[0]: words[1:] for words in (part.split() for part in text.split(";"))}


@pytest.mark.parametrize("bucket", resources("AWS::S3::Bucket"))
def test_buckets_are_private_and_encrypted(bucket: str) -> None:
    properties = resources("AWS::S3::Bucket")[bucket]["Properties"]

    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(properties["PublicAccessBlockConfiguration"]) == 4
    assert properties["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert properties["BucketEncryption"]


def test_only_this_distribution_reads_the_bucket() -> None:
    (policy,) = resources("AWS::S3::BucketPolicy").values()
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]

    assert policy["Properties"]["Bucket"] == {"Ref": "DashboardBucket"}
    assert (statement["Principal"], statement["Action"]) == ({"Service": "cloudfront.amazonaws.com"}, "s3:GetObject")
    source = statement["Condition"]["StringEquals"]["aws:SourceArn"]["Fn::Sub"]
    assert source.endswith(":distribution/${Dashboard}")
    (files,) = [it for it in distribution()["Origins"] if it["Id"] == "files"]
    assert files["OriginAccessControlId"] == {"Fn::GetAtt": ["DashboardAccess", "Id"]}


def test_nothing_is_served_without_encryption() -> None:
    assert {it["ViewerProtocolPolicy"] for it in behaviours().values()} <= {"redirect-to-https", "https-only"}
    assert behaviours()["/v1/*"]["ViewerProtocolPolicy"] == "https-only"
    for policy in resources("AWS::CloudFront::ResponseHeadersPolicy"):
        assert security(policy)["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31536000


def test_the_api_is_beside_the_dashboard_and_never_cached() -> None:
    (stage,) = {it["Properties"]["StageName"] for it in resources("AWS::Serverless::Api").values()}
    behaviour = behaviours()[f"/{stage}/*"]
    (origin,) = [it for it in distribution()["Origins"] if it["Id"] == behaviour["TargetOriginId"]]

    assert origin["DomainName"]["Fn::Sub"].startswith("${Api}.execute-api.")
    assert "OriginPath" not in origin
    assert set(behaviour["AllowedMethods"]) == {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
    # CachingDisabled and AllViewerExceptHostHeader, AWS's own names of what lets Authorization through.
    assert behaviour["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert behaviour["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"


def test_the_dashboard_lets_nothing_in_that_is_inline_or_foreign() -> None:
    allowed = directives("DashboardHeaders")

    assert allowed.pop("connect-src")[:2] == [
        "'self'",
        "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}${SignIn}",
    ]
    assert allowed.pop("default-src") == ["'none'"]
    assert {value for values in allowed.values() for value in values} == {"'self'", "'none'"}
    for directive in ("frame-ancestors", "base-uri", "form-action"):
        assert allowed[directive] == ["'none'"]


def test_pages_speak_to_the_user_pool_and_to_one_bucket_besides() -> None:
    foreign = directives("DashboardHeaders")["connect-src"][2:]

    assert [address.split(".", 1)[0] for address in foreign] == ["https://s3", "https://s3"]
    assert all(address.endswith("/${ImportsBucket}/") for address in foreign)


def test_mails_are_previewed_where_nothing_runs_or_loads() -> None:
    assert behaviours()["/preview.html"]["ResponseHeadersPolicyId"] == {"Ref": "PreviewHeaders"}
    assert directives("PreviewHeaders") == {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'unsafe-inline'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'self'"],
        "sandbox": ["allow-scripts"],
    }


@pytest.mark.parametrize("name", ["CallbackURLs", "LogoutURLs"])
def test_the_sign_in_page_sends_browsers_to_the_dashboard_and_nowhere_else(name: str) -> None:
    (client,) = resources("AWS::Cognito::UserPoolClient").values()
    condition, addresses, otherwise = client["Properties"][name]["Fn::If"]

    assert (condition, otherwise) == ("HasSignInDomain", {"Ref": "AWS::NoValue"})
    assert addresses == [load_template()["Outputs"]["DashboardUrl"]["Value"]]


def test_the_built_page_holds_no_script_and_no_style() -> None:
    if not INDEX.is_file():
        pytest.skip("the dashboard is not built: make web")
    page = INDEX.read_text()

    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", page) == []
    assert re.findall(r"(?:src|href)=\"(?!\./)", page) == []
