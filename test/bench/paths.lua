-- For wrk: asks for the paths in the file named by PATHS, one after the other, each thread from a
-- place of its own.
local requests = {}
local at

local threads = 0
function setup(thread)
  thread:set("id", threads)
  threads = threads + 1
end

function init(args)
  for line in io.lines(os.getenv("PATHS")) do
    requests[#requests + 1] = wrk.format("GET", line)
  end
  at = (id * 7919) % #requests
end

function request()
  at = at % #requests + 1
  return requests[at]
end
