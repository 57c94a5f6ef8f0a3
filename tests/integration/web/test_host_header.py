"""A forged Host header changes no link and no redirect."""

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.support.form_client import SAME_ORIGIN_HEADERS, FormClient


def test_no_url_on_a_page_is_made_from_the_host_header(form_client: FormClient) -> None:
    client = form_client.flask_client
    forged_headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Accept": "text/html"}
    for path in ("/referral", "/referral/", "/referral/who", "/referral/nothing"):
        response = client.get(path, headers=forged_headers)
        assert "evil.example" not in response.text + str(response.headers)
    form_client.fill_in("harmed")
    client.post("/referral/check", data=form_client.fields_to_send(), headers=SAME_ORIGIN_HEADERS)
    client.set_cookie(
        "draft", client.get_cookie("draft", path="/referral/").value, domain="evil.example", path="/referral/"
    )
    response = client.get("/referral/done", headers=forged_headers)
    assert "evil.example" not in response.text
    assert 'href="/referral/withdraw/' in response.text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8443"])
def test_no_redirect_follows_the_host_header(form_client: FormClient, host: str) -> None:
    form_client.fill_in("harmed")
    cookie = form_client.flask_client.get_cookie("draft", path="/referral/").value
    paths = ("referral", "referral/", "referral/who", "referral/done", "referral/begin", "referral/exit", "healthz")
    path_infos = [f"/{path}" for path in paths] + [f"//{path}" for path in paths]
    path_infos += [f"/{path}".replace("/", "//") for path in paths] + [f"/{path}/" for path in paths]
    for path_info in (*path_infos, "/referral///who", "/referral/./who", "/x/../referral/who"):
        for method in ("GET", "POST", "PUT", "OPTIONS"):
            environ = EnvironBuilder(method=method, headers={"Cookie": f"draft={cookie}"}).get_environ()
            environ |= {"PATH_INFO": path_info, "HTTP_HOST": host}
            _, status, headers = run_wsgi_app(form_client.app.wsgi_app, environ)
            assert "evil.example" not in f"{headers}", f"{method} {path_info}: {status}"
