file = "file"
flag_over_file = "file"
file_over_flag = "file"
