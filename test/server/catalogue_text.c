#include "catalogue.h"

#include "catalogue_replies.h"

/* Families: many entries of one form. */
#define HOSTILE(id, text, value)                                                                   \
    {FAULT("text-type-" id, "Content-Type with " text),                                            \
     SEND(LINE "Content-Type: " value "\r\n" FIVE "\r\nhello"), OK(5)},                            \
        {FAULT("text-etag-" id, "ETag with " text),                                                \
         SEND(LINE "ETag: \"" value "\"\r\n" FIVE "\r\nhello"), OK(5)},                            \
        {FAULT("text-modified-" id, "Last-Modified with " text),                                   \
         SEND(LINE "Last-Modified: " value "\r\n" FIVE "\r\nhello"), OK(5)},                       \
    {                                                                                              \
        FAULT("text-reason-" id, "reason phrase with " text),                                      \
            SEND("HTTP/1.1 200 " value "\r\n" FIVE "\r\nhello"), OK(5)                             \
    }
#define DISPOSITION(id, text, value)                                                               \
    {                                                                                              \
        FAULT("disposition-" id, "Content-Disposition names " text),                               \
            SEND(LINE "Content-Disposition: attachment; filename=\"" value "\"\r\n" FIVE           \
                      "\r\nhello"),                                                                \
            NEEDS("save"), OK(5)                                                                   \
    }
#define NAME(id, text, rest)                                                                       \
    {                                                                                              \
        FAULT("name-" id, "the URL's name is " text), .path = "/any/" rest, NEEDS("save"), OK(5)   \
    }

static const struct ts_fault faults[] = {
    /* ---- texts for terminals, tables and pages ---- */
    HOSTILE("escape", "terminal escapes", "\x1b[31mred\x1b]0;title\x07"),
    HOSTILE("html", "HTML", "<script>alert('x')</script>&amp;"),
    HOSTILE("formula", "a spreadsheet formula", "=cmd|' /C calc'!A0"),
    HOSTILE("at", "a formula that begins with @", "@SUM(1+1)*cmd"),
    HOSTILE("json", "JSON's own characters", "a\"b\\c{}[]:,\\u0000"),
    HOSTILE("csv", "quotes, commas and semicolons", "a,b;\"c\",'d'"),
    HOSTILE("tab", "tabs", "a\tb\tc"),
    HOSTILE("bidi", "bidirectional controls",
            "a\xe2\x80\xae"
            "fdp.exe\xe2\x81\xa6x\xe2\x81\xa9"),
    HOSTILE("separator", "Unicode line separators",
            "a\xe2\x80\xa8"
            "b\xc2\x85"
            "c\xe2\x80\xa9"),
    HOSTILE("invalid", "bytes that are no UTF-8", "a\xff\xfe\xc3(\xed\xa0\x80\xf8\x88"),
    HOSTILE("format", "format strings", "%s%s%n%x%99999d"),
    HOSTILE("shell", "shell metacharacters", "$(touch x)`touch y`;|&>z"),
    HOSTILE("control", "C1 controls",
            "a\x9b"
            "31m\x90q\x9c"),
    HOSTILE("newline", "escaped line ends", "a\\r\\nb%0d%0ac&#10;d"),
    HOSTILE("long", "4000 bytes", HUNDRED("abcdefghijklmnopqrstuvwxyz0123456789")),

    /* ---- names ---- */
    DISPOSITION("parent", "a parent directory", "../../etc/passwd"),
    DISPOSITION("absolute", "an absolute path", "/etc/passwd"),
    DISPOSITION("backslash", "a path with backslashes", "..\\..\\x"),
    DISPOSITION("dash", "a leading dash", "-rf"),
    DISPOSITION("dot", "a leading dot", ".bashrc"),
    DISPOSITION("dots", "two dots", ".."),
    DISPOSITION("empty", "nothing", ""),
    DISPOSITION("escape", "an escape", "a\x1b[2Jb"),
    DISPOSITION("device", "a device of another system", "CON"),
    DISPOSITION("long", "1000 bytes", HUNDRED("abcdefghij")),
    NAME("parent", "a parent directory, encoded", "%2e%2e%2f%2e%2e%2fetc%2fpasswd"),
    NAME("dots", "two dots, encoded", "a/%2e%2e"),
    NAME("dot", "one dot, encoded", "a/%2e"),
    NAME("slash", "an encoded slash", "a%2fb"),
    NAME("backslash", "an encoded backslash", "..%5c..%5cx"),
    NAME("absolute", "an encoded absolute path", "%2fetc%2fpasswd"),
    NAME("empty", "empty", ""),
    NAME("double-slash", "behind two slashes", "a//b"),
    NAME("dash", "a leading dash", "-rf"),
    NAME("hidden", "a leading dot", ".bashrc"),
    NAME("nul", "an encoded NUL", "a%00b"),
    NAME("escape", "an encoded escape", "a%1b%5b31mb"),
    NAME("newline", "an encoded line end", "a%0d%0ab"),
    NAME("bidi", "encoded bidirectional controls", "a%e2%80%aeb"),
    NAME("invalid", "encoded bytes that are no UTF-8", "a%ff%feb"),
    NAME("percent", "half an escape", "a%2"),
    NAME("blank", "encoded blanks", "%20%20"),
    NAME("tilde", "a tilde", "~root"),
    NAME("star", "a wildcard", "%2a%3f%5b"),
    NAME("query", "a query", "?a=../../b"),
    NAME("device-con", "CON", "CON"),
    NAME("device-nul", "nul.txt", "nul.txt"),
    NAME("device-lpt", "LPT1", "LPT1"),
    NAME("long", "1000 bytes", HUNDRED("abcdefghij")),
    NAME("case-a", "the same but for case (1)", "Case"),
    NAME("case-b", "the same but for case (2)", "cASE"),
};

const struct ts_fault_table ts_faults_text = TABLE(faults);
