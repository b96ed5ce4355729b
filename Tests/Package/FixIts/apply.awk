# Applies the fix-its of deprecated names to a source: awk -f apply.awk DIAGNOSTICS SOURCE
#
# Of the compiler's diagnostics, written with -diagnostic-style llvm, each note "use '…' instead" is followed by the line of the
# source, marks under what is replaced, and what takes its place: words, each where its marks begin. A word that ends in a colon
# and has no marks is a label that is put in; marks without a word are removed. A word that a longer one before it has pushed
# aside would have no place: the calls of the source are written so that none is.
function mend(line, from, length_, text) {
  count[line]++
  start[line, count[line]] = from
  width[line, count[line]] = length_
  becomes[line, count[line]] = text
}
FNR == NR {
  if (index($0, ": note: use '") == 0) next
  split($0, place, ":")
  if ((getline text) <= 0 || (getline marks) <= 0) next
  if ((getline replacement) <= 0 || replacement ~ /: (warning|note|error): /) next
  if (marks !~ /~/ || seen[place[2], marks]++) next
  delete words
  for (at = 1; match(substr(replacement, at), /[^ ]+/); at += RSTART + RLENGTH - 1)
    words[at + RSTART - 1] = substr(replacement, at + RSTART - 1, RLENGTH)
  for (at = 1; match(substr(marks, at), /[~^]+/); at += RSTART + RLENGTH - 1) {
    from = at + RSTART - 1
    # The caret alone says where the note is.
    if (substr(marks, from, RLENGTH) == "^") continue
    mend(place[2], from, RLENGTH, words[from])
    delete words[from]
  }
  for (from in words) {
    if (words[from] !~ /:$/) {
      print "line " place[2] ": '" words[from] "' has no place" > "/dev/stderr"
      exit 1
    }
    mend(place[2], from, 0, words[from] " ")
  }
  next
}
{
  line = $0
  # From the right, so that places to the left stay.
  for (left = count[FNR]; left > 0; left--) {
    last = 0
    for (number = 1; number <= count[FNR]; number++)
      if (!done[FNR, number] && (last == 0 || start[FNR, number] + 0 > start[FNR, last] + 0)) last = number
    done[FNR, last] = 1
    line = substr(line, 1, start[FNR, last] - 1) becomes[FNR, last] substr(line, start[FNR, last] + width[FNR, last])
  }
  print line
}
