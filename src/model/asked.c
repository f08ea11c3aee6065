#include "model/asked.h"

#include <string.h>

static void learn(const struct haul_redactor *redactor, struct haul_redactor_secrets *secrets,
                  const char *url)
{
    haul_redactor_secrets_learn(secrets, redactor, url, strlen(url));
}

void haul_asked_learn(const struct haul_asked *asked, const struct haul_redactor *redactor,
                      struct haul_redactor_secrets *secrets)
{
    const char *at, *end;

    if (asked->url)
        learn(redactor, secrets, asked->url);
    for (size_t i = 0; i < asked->mirror_count; i++)
        learn(redactor, secrets, asked->mirrors[i].url);
    if (!asked->hops)
        return;
    at = haul_buf_str(asked->hops);
    for (end = at + asked->hops->len; at < end; at += strlen(at) + 1)
        learn(redactor, secrets, at);
    if (asked->hops->err)
        secrets->are_too_many = true;
}

static bool is_noted(const struct haul_buf *hops, const char *url)
{
    const char *at = haul_buf_str(hops), *end = at + hops->len;

    while (at < end && strcmp(at, url) != 0)
        at += strlen(at) + 1;
    return at < end;
}

void haul_asked_note(struct haul_buf *hops, const struct haul_redactor *redactor, const char *url,
                     struct haul_buf *room)
{
    if (!hops->err && haul_redactor_hides(redactor, url, strlen(url), room) && !is_noted(hops, url))
        haul_buf_add(hops, url, strlen(url) + 1);
}
