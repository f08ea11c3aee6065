#include "transfer/transfer_inside.h"

int haul_transfer_redirs_max(const struct haul_transfer *t)
{
    return t->job->body && t->job->body->redirs_max ? t->job->body->redirs_max
                                                    : t->config->max_redirs;
}

bool haul_transfer_is_followed(const struct haul_transfer *t)
{
    bool follows = t->config->follow || (t->job->body && t->job->body->redirs_max);

    return follows && haul_response_is_redirect(&t->response);
}

bool haul_transfer_is_continuation(const struct haul_transfer *t)
{
    return t->hop.offset && t->response.status == 206;
}

int64_t haul_transfer_offset(const struct haul_transfer *t)
{
    return haul_transfer_is_continuation(t) ? t->hop.offset : 0;
}

bool haul_transfer_is_coded(const struct haul_transfer *t)
{
    return haul_response_coding(&t->response)[0];
}

int64_t haul_transfer_whole_size(const struct haul_transfer *t)
{
    int64_t expected = haul_response_expected_bytes(&t->response);

    return haul_transfer_is_coded(t) || expected < 0 ? -1 : expected + haul_transfer_offset(t);
}
