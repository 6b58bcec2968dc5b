# Prints the tests of a file that need more than HTTP: they move the clock of the service, count its calls to AWS, or give it
# a network, a provider, a folder, a storage or faults of their own, are about one process, or speak to the
# engines themselves. A test that calls a function of the file which does is one of them; methods are named here, since their lines are indented.

BEGIN {
  inside = "advance\\(|journal|with_faults|with_network|with_semantics|with_sqlite_folder|with_storage|with_clouds|with_variables|\\.service[^a-z_]|Network|App::|api\\.at\\(|Log::start|of one process|World::run|Credentials::of|without_stream|Target::|[^a-z_]athena\\(|postgres_session|[^a-z_]enter\\(|Files::with"
}

/^#\[(tokio::)?test/ { keep(); is_test = 1; next }
/^(pub )?(async )?fn / { if (name != "") keep(); match($0, /fn [a-z0-9_]+/); name = substr($0, RSTART + 3, RLENGTH - 3) }
{ text = text "\n" $0 }
/^}/ { keep() }

function keep() {
  if (name != "") {
    body[name] = text
    tests[name] = is_test
    is_test = 0
  }
  name = ""
  text = ""
}

END {
  keep()
  for (f in body) if (body[f] ~ inside) found[f] = 1
  do {
    more = 0
    for (f in body) for (g in found) if (!(f in found) && body[f] ~ ("[^a-z_]" g "\\(")) { found[f] = 1; more = 1 }
  } while (more)
  for (f in found) if (tests[f]) print f
}
