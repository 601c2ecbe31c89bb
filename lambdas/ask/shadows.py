"""Keeps shadow calls from writing."""

from lambdas.common.problems import InvalidRequest
from lambdas.common.request import ApiRequest


def leaving_traces(request: ApiRequest) -> ApiRequest:
    """The request, if it may write.

    Raises
    ------
    InvalidRequest
        It is a shadow of another call, which does the writing.
    """
    if request.shadow:
        raise InvalidRequest.naming("X-Shadow", "A call that leaves no trace cannot write")
    return request
