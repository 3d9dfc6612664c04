# what is handed in, not tests
collect_ignore_glob = ["corpus/*"]
