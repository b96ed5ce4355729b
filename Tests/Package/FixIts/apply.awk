# Applies the fix-its of deprecated names to a source: awk -f apply.awk DIAGNOSTICS SOURCE
#
# Of the compiler's diagnostics, written with -diagnostic-style llvm, each note "use '…' instead" is followed by the line of the
# source, marks under what is replaced, and what takes its place. Fix-its in several places, which make a method of a function,
# are left alone.
FNR == NR {
  if (index($0, ": note: use '") == 0) next
  split($0, place, ":")
  if ((getline text) <= 0 || (getline marks) <= 0 || (getline replacement) <= 0) next
  if (replacement ~ /: (warning|note|error): / || marks !~ /^ *[~^]+ *$/) next
  sub(/^ +/, "", replacement)
  match(marks, /[~^]+/)
  if (seen[place[2], RSTART]++) next
  count[place[2]]++
  start[place[2], count[place[2]]] = RSTART
  width[place[2], count[place[2]]] = RLENGTH
  becomes[place[2], count[place[2]]] = replacement
  next
}
{
  line = $0
  # From the right, so that places to the left stay.
  for (left = count[FNR]; left > 0; left--) {
    last = 0
    for (number = 1; number <= count[FNR]; number++)
      if (!done[FNR, number] && (last == 0 || start[FNR, number] > start[FNR, last])) last = number
    done[FNR, last] = 1
    line = substr(line, 1, start[FNR, last] - 1) becomes[FNR, last] substr(line, start[FNR, last] + width[FNR, last])
  }
  print line
}
