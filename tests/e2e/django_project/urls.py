from django.http import HttpResponse
from django.urls import path

PEOPLE = {"session=reader": ("rita", "reader"), "session=technician": ("tom", "reader,uploader")}


def who(request):
    """What nginx's auth_request asks: who is the user behind this cookie?"""
    person = PEOPLE.get(request.META.get("HTTP_COOKIE", ""))
    if person is None:
        return HttpResponse(status=401)
    answer = HttpResponse()
    answer["X-Pacs-User"], answer["X-Pacs-Roles"] = person
    return answer


urlpatterns = [path("pacs-lite/who/", who)]
