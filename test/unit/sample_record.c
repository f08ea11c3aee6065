#include "sample_record.h"

struct haul_record sample_record(const char *url, int64_t size_body)
{
    struct haul_record rec;

    haul_record_init(&rec);
    rec.url = url;
    rec.source = "urls.txt";
    rec.line = 12;
    rec.outcome = HAUL_OUTCOME_OK;
    rec.size_body = size_body;
    return rec;
}

static const struct haul_attached full_attached[] = {{"tag", "a, \\b"}, {"n\"", "\t\xff"}};

struct haul_record sample_full_record(void)
{
    return (struct haul_record){
        .mirror = 2,
        .size_method = "range",
        .attached = full_attached,
        .attached_count = 2,
        .seq = 4,
        .line = 5,
        .source = "urls.txt",
        .url = "http://example.com/a",
        .outcome = HAUL_OUTCOME_FAILED,
        .reason = HAUL_REASON_HTTP_STATUS,
        .verified = true,
        .exitcode = 22,
        .http_code = 404,
        .errormsg = "not, found",
        .content_length = 10,
        .size_download = 2000000,
        .size_body = 30,
        .size_header = 40,
        .size_request = 50,
        .started_us = INT64_C(1709251199999999),
        .time_namelookup_us = 1,
        .time_connect_us = 20,
        .time_appconnect_us = 300,
        .time_pretransfer_us = 4000,
        .time_starttransfer_us = 50000,
        .time_redirect_us = 0,
        .time_total_us = 2000000,
        .time_elapsed_us = 5000001,
        .time_queue_us = 12345678,
        .time_parked_us = 9,
        .url_effective = "HTTP://example.com/b",
        .method = "GET",
        .http_version = "1.1",
        .content_type = "text/html",
        .etag = "\"x\"",
        .last_modified = "Thu, 29 Feb 2024 00:00:00 GMT",
        .remote_ip = "192.0.2.1",
        .filename_effective = "h/a",
        .md5 = "m",
        .sha1 = "s1",
        .sha256 = "s2",
        .sha512 = "s5",
        .remote_port = 80,
        .num_redirects = 1,
        .num_connects = 2,
        .num_headers = 3,
        .attempts = 3,
        .worker = 7,
        .ssl_verify_result = 20,
    };
}
