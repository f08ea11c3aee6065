#include "model/redactor_inside.h"

static void add_parts(void *arg, const char *text, size_t len, bool has_names)
{
    haul_redactor_secrets_add_parts(arg, text, len, has_names);
}

void haul_redactor_secrets_learn(struct haul_redactor_secrets *secrets,
                                 const struct haul_redactor *redactor, const char *text, size_t len)
{
    struct haul_redactor_view view;
    enum haul_err err;

    if (!redactor || !len)
        return;
    err = haul_redactor_view_init(&view, text, len);
    view.learn = add_parts;
    view.learn_arg = secrets;
    if (!err)
        err = haul_redactor_look(redactor, NULL, &view);
    for (size_t at = 0, end; !err && at < len; at = end) {
        end = haul_redactor_run_end(&view, at);
        if (view.hidden[at])
            haul_redactor_secrets_add(secrets, text + at, end - at);
    }
    if (err)
        haul_redactor_secrets_fail(secrets, err);
    haul_redactor_view_done(&view);
}
