"""The site's URL table and the resources behind it. Django imports it by name, once it is configured."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.urls import include, path
from django.views import View
from oauth2_provider.views.mixins import OAuthLibMixin
from oauth2_provider.www_authenticate import build_bearer_challenge

COMPANIES = [{"id": number, "name": f"Made-up Company {number:03}"} for number in range(1, 251)]
MOST_A_PAGE = 100


class Protected(OAuthLibMixin, View):  # type: ignore[misc] # neither of them is typed
    """Lets django-oauth-toolkit judge the bearer token, as the vendor's API does: 401 with a challenge."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        valid, judged = self.get_oauthlib_core().verify_request(request, scopes=[])
        if valid:
            return super().dispatch(request, *args, **kwargs)
        error = getattr(judged, "oauth2_error", {})
        refusal = JsonResponse({"detail": "Authentication credentials were not provided."}, status=401)
        refusal["WWW-Authenticate"] = build_bearer_challenge(request, error, realm="api")
        return refusal


class Companies(Protected):
    def get(self, request: HttpRequest) -> HttpResponse:
        size = min(_positive(request.GET.get("page_size"), MOST_A_PAGE), MOST_A_PAGE)
        page = _positive(request.GET.get("page"), 1)
        first = (page - 1) * size
        if first >= len(COMPANIES):
            return JsonResponse({"detail": "Invalid page."}, status=404)

        def at(number: int) -> str:
            return str(request.build_absolute_uri(f"?page={number}&page_size={size}"))

        return JsonResponse(
            {
                "count": len(COMPANIES),
                "next": at(page + 1) if first + size < len(COMPANIES) else None,
                "previous": at(page - 1) if page > 1 else None,
                "results": COMPANIES[first : first + size],
            }
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Tells how much it was sent, so that a caller can check that a retried body went out whole."""
        return JsonResponse({"received_bytes": len(request.body)}, status=201)


class Forbidden(Protected):
    def get(self, _: HttpRequest) -> HttpResponse:
        return HttpResponseForbidden('{"detail": "You may not."}', content_type="application/json")


def _positive(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and int(text) > 0 else otherwise


urlpatterns = [
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
    path("v1/companies/", Companies.as_view()),
    path("v1/forbidden/", Forbidden.as_view()),
]
