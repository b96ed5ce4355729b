/// Which script each scalar belongs to (Unicode Character Database, `Scripts.txt`). Entries are separated by white space,
/// each `gap:length:script` in base 36: the distance from the end of the run before, how many scalars follow the first,
/// and the position of the script in `names`.
enum UnicodeScriptTables {
  static let names: StaticString = """
    Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki
    Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee
    Chorasmian Common Coptic Cuneiform Cypriot Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan
    Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi
    Gurmukhi Han Hangul Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited
    Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kayah_Li Kharoshthi Khmer Khojki
    Khudawadi Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani Makasar Malayalam Mandaic
    Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs
    Miao Modi Mongolian Mro Multani Myanmar Nabataean Nandinagari New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong
    Ogham Ol_Chiki Old_Hungarian Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_Sogdian Old_South_Arabian
    Old_Turkic Oriya Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang
    Runic Samaritan Saurashtra Sharada Shavian Siddham SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese
    Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangut Telugu Thaana Thai Tibetan
    Tifinagh Tirhuta Ugaritic Vai Wancho Warang_Citi Yezidi Yi Zanabazar_Square
    """

  /// As the UnicodeScripts pre-tokenizer has it: an older Unicode, Japanese syllables counted as Han, the space in none.
  static let preTokenizer: StaticString = """
    0:v:o 2:v:o 1:p:1v 1:5:o 1:p:1v 1:1a:o 1:0:1v 1:e:o 1:0:1v 1:4:o 1:m:1v 1:0:o 1:u:1v 1:0:o 1:cg:1v 1:12:o 1:4:1v
    1:4:o 1:1:c 1:j:o 1:33:1i 1:3:16 1:0:o 1:2:16 3:3:16 1:0:o 1:0:16 5:0:16 1:0:o 1:0:16 1:0:o 1:2:16 2:0:16 2:j:16
    2:1q:16 1:d:p 1:f:16 1:3o:s 1:1:1i 1:4o:s 2:11:4 3:6:4 2:12:4 2:0:o 1:0:4 3:2:4 2:1i:1f 9:q:1f 6:4:1f c:4:3
    1:0:o 1:5:3 1:0:o 1:d:3 1:1:o 2:0:3 1:0:o 1:v:3 1:0:o 1:9:3 1:a:1i 1:p:3 1:0:1i 1:2z:3 1:0:o 1:x:3 1:d:3p
    2:1n:3p 3:2:3p 1:1b:3 1:1d:3z f:1m:2p 6:19:3d 3:e:3d 2:r:26 3:0:26 1u:k:3 2:7:3 n:d:3 1:0:o 1:s:3 1:28:u 1:1:1i
    1:g:u 1:1:o 1:p:u 1:3:a 2:7:a 3:1:a 3:l:a 2:6:a 2:0:a 4:3:a 3:8:a 3:1:a 3:3:a 9:0:a 5:1:a 2:4:a 3:l:a 6:2:19
    2:5:19 5:1:19 3:l:19 2:6:19 2:1:19 2:1:19 2:1:19 3:0:19 2:4:19 5:1:19 3:2:19 4:0:19 8:3:19 2:0:19 8:f:19 c:2:17
    2:8:17 2:2:17 2:l:17 2:6:17 2:1:17 2:4:17 3:9:17 2:2:17 2:2:17 3:0:17 g:3:17 3:b:17 8:0:17 8:2:32 2:7:32 3:1:32
    3:l:32 2:6:32 2:1:32 2:4:32 3:8:32 3:1:32 3:2:32 9:1:32 5:1:32 2:4:32 3:h:32 b:1:3w 2:5:3w 4:2:3w 2:3:3w 4:1:3w
    2:0:3w 2:1:3w 4:1:3w 4:2:3w 4:b:3w 5:4:3w 4:2:3w 2:3:3w 3:0:3w 7:0:3w f:k:3w 6:3:3y 2:7:3y 2:2:3y 2:m:3y 2:f:3y
    4:7:3y 2:2:3y 2:3:3y 8:1:3y 2:2:3y 6:3:3y 3:9:3y 9:7:3y 1:3:1n 2:7:1n 2:2:1n 2:m:1n 2:9:1n 2:4:1n 3:8:1n 2:2:1n
    2:3:1n 8:1:1n 8:0:1n 2:3:1n 3:9:1n 2:1:1n f:2:25 2:7:25 2:2:25 2:14:25 3:7:25 2:2:25 2:5:25 5:f:25 3:p:25 3:1:3j
    2:h:3j 4:n:3j 2:8:3j 2:0:3j 3:6:3j 4:0:3j 5:5:3j 2:0:3j 2:7:3j 7:9:3j 3:2:3j d:1l:40 5:0:o 1:r:40 12:1:1u 2:0:1u
    3:1:1u 2:0:1u 3:0:1u 7:3:1u 2:6:1u 2:2:1u 2:0:1u 2:0:1u 3:1:1u 2:c:1u 2:2:1u 3:4:1u 2:0:1u 2:5:1u 3:9:1u 3:3:1u
    x:1z:41 2:z:41 5:12:41 2:z:41 2:e:41 2:6:41 1:3:o 1:1:41 12:4f:2k 1:11:12 2:0:12 6:0:12 3:16:12 1:0:o 1:3:12
    1:73:1b 1:20:11 2:3:11 3:6:11 2:0:11 2:3:11 3:14:11 2:3:11 3:w:11 2:3:11 3:6:11 2:0:11 2:3:11 3:e:11 2:1k:11
    2:3:11 3:1u:11 3:v:11 4:p:11 7:2d:m 3:5:m 3:hr:h 1:s:2s 4:22:3c 1:2:o 1:a:3c 8:c:3q 2:6:3q c:k:1d 1:1:o a:j:g
    d:c:3r 2:2:3r 2:1:3r d:2l:1r 3:9:1r 7:9:1r 7:1:2h 1:1:o 1:0:2h 1:0:o 1:8:2h 2:9:2h 7:2f:2h 9:16:2h 6:1x:h b:u:1x
    2:b:1x 5:b:1x 5:0:1x 4:b:1x 1:t:3s 3:4:3s c:17:2n 5:p:2n 7:a:2n 4:1:2n 1:v:1r 1:r:f 3:1:f 1:1q:3t 2:s:3t 3:a:3t
    7:9:3t 7:d:3t 3:e:1i 1u:23:6 5:18:6 4:1r:3n 1:1f:9 9:3:9 1:1j:1w 4:e:1w 4:2:1w 1:1b:2t 1:8:s 1k:7:3n 9:2:1i
    1:0:o 1:c:1i 1:0:o 1:6:1i 1:3:o 1:0:1i 1:5:o 1:0:1i 1:1:o 2:1:1i 7:11:1v 1:4:16 1:0:s 1:1c:1v 1:4:16 1:3:1v
    1:4:16 1:c:1v 1:0:s 1:1x:1v 1:0:16 1:1h:1i 6:4:1i 1:73:1v 1:l:16 3:5:16 3:11:16 3:5:16 3:7:16 2:0:16 2:0:16
    2:0:16 2:u:16 3:1g:16 2:e:16 2:d:16 3:5:16 2:i:16 3:2:16 2:8:16 2:b:o 1:1:1i 1:2e:o 2:a:o 1:0:1v 3:a:o 1:0:1v
    1:e:o 2:c:1v 4:u:o i:w:1i g:11:o 1:0:16 1:2:o 1:1:1v 1:5:o 1:0:1v 1:q:o 1:0:1v 1:g:o 1:14:1v 1:2:o 5:ha:o 2:12:o
    q:a:o m:pr:o 1:73:e 1:hf:o 3:v:o 3:x:o 4:b:o 2:7:o r:3:o h:1a:13 2:1a:13 2:v:1v 1:37:p 6:6:p 1:11:12 2:0:12
    6:0:12 3:1j:42 8:1:42 f:0:42 1:m:11 a:6:11 2:6:11 2:6:11 2:6:11 2:6:11 2:6:11 2:6:11 2:6:11 2:v:s 1:1w:o 1o:p:1a
    2:2g:1a d:5x:1a r:b:o 5:4:o 1:0:1a 1:0:o 1:0:1a 1:o:o 1:8:1a 1:3:1i 1:1:1b 1:7:o 1:3:1a 1:3:o 2:2d:1a 3:1:1i
    1:1:o 1:2:1a 1:0:o 1:2h:1a 1:0:o 1:3:1a 6:14:c 4:2l:1b 2:f:o 1:q:c 6:z:o d:f:1a 1:u:1b 2:1r:o 1:u:1b 1:28:o
    1:1a:1a 2:2f:1a 1:4n:o 1:52t:1a b:1r:o 1:g5x:1a 17:wc:49 4:1i:49 a:1b:20 1:8b:45 l:2n:s 1:2f:7 9:x:o 1:2t:1v
    1:2:o 1:z:1v 2:7:1v 1s:8:1v 1:17:3o 5:9:o 7:1j:38 9:1x:3e 9:b:3e 7:t:u 3:19:1p 1:0:o 1:0:1p 1:z:3b c:0:3b 1:s:1b
    4:25:1l 2:0:o 1:9:1l 5:1:1l 1:u:2k 2:1i:l a:d:l 3:9:l 3:3:l 1:v:2k 1:1u:3u p:4:3u 1:m:2b b:5:11 3:5:11 3:5:11
    a:6:11 2:6:11 2:16:1v 1:0:o 1:8:1v 1:0:16 b:27:m 1:19:2b 3:9:2b 7:8mb:1b d:m:1b 5:1c:1b 6it:a5:1a 3:2x:1a
    13:6:1v d:4:4 6:p:1f 2:4:1f 2:0:1f 2:1:1f 2:1:1f 2:9:1f 1:35:3 i:a2:3 1:1:o h:1r:3 3:1h:3 15:d:3 3:f:1i 1:9:o
    7:d:1i 1:1:s 1:y:o 2:i:o 2:3:o 5:4:3 2:3q:3 3:0:o 2:v:o 1:p:1v 1:5:o 1:p:1v 1:a:o 1:9:1a 1:0:o 1:18:1a 1:1:o
    1:u:1b 4:5:1b 3:5:1b 3:5:1b 3:2:1b 4:6:o 2:6:o b:4:o 3:b:1z 2:p:1z 2:i:1z 2:1:1z 2:e:1z 3:d:1z z:3e:1z 6:2:o
    5:18:o 4:8:o 1:26:16 2:b:o 5:0:16 1c:18:o 1:0:1i 3n:s:21 4:1c:i g:0:1i 1:q:o 5:z:2v d:q:14 6:16:2x 6:t:44 2:0:44
    1:z:2y 5:d:2y 17:27:t 1:1b:3g 1:t:34 3:9:34 7:z:33 5:z:33 5:13:z 9:1f:j c:0:j 41:8m:1y a:l:1y b:7:1y 49:5:r
    3:0:r 2:17:r 2:1:r 4:0:r 3:0:r 1:l:1h 2:8:1h 1:v:36 1:u:2l 9:8:2l 1d:i:1e 2:1:1e 6:4:1e 1:r:39 4:0:39 1:p:22
    6:0:22 1t:v:2e 1:n:2d 5:j:2d 3:19:2d 1:3:1q 2:1:1q 6:7:1q 2:2:1q 2:q:1q 5:2:1q 5:8:1q 9:8:1q 8:v:30 1:v:2w
    x:12:27 5:b:27 a:1h:5 4:6:5 1:l:1k 3:7:1k 1:i:1j 6:7:1j 1:h:3a 8:3:3a d:6:3a 29:20:31 1k:1e:2u e:1e:2u 8:5:2u
    9t:u:3 aq:25:d 5:t:d g:0:d 1:1t:1m f:o:3l 8:9:3l 7:1g:k 2:d:k d:12:23 a:25:3f 3:f:3f 2:j:3j c:h:1s 2:17:1s
    1u:6:2j 2:0:2j 2:3:2j 2:e:2j 2:a:2j 7:1m:1t 6:9:1t 7:3:15 2:7:15 3:1:15 3:l:15 2:6:15 2:1:15 2:4:15 3:8:15
    3:1:15 3:2:15 3:0:15 7:0:15 6:6:15 3:6:15 4:4:15 3w:2h:2o 2:0:2o 2:0:2o z:1z:43 9:9:43 4n:1h:3h 3:11:3h z:1w:2g
    c:9:2g 7:c:2h k:1j:3v 9:9:3v 1j:p:1 4:e:1 5:f:1 9t:2a:47 d:0:47 ch:1k:37 7c:8:b 2:18:b 2:d:b b:s:b 4:v:28 3:l:28
    2:d:28 ne:pl:q 2v:32:q 2:4:q c:5f:q 24d:tq:y 34i:g6:2 6nu:fs:7 8:u:2i 2:9:2i 5:1:2i 2p:t:8 3:5:8 b:1x:35 b:9:35
    2:6:35 2:k:35 6:i:35 oh:1w:2f c:1a:2f h:g:2f 1t:0:3x w:4q4:3x k:ky:3x 7bi:1:1a 2db:2y:x 6:c:x 4:8:x 8:9:x 3:3:x
    1:3:o 3tp:6t:o b:12:o 3:1p:o 1:2:1i 1:g:o 1:7:1i 1:1:o 1:6:1i 1:t:o 1:3:1i 1:1m:o o:1x:16 57:2e:o a:h:o 3z:2c:o
    2:1y:o 2:1:o 3:0:o 3:1:o 3:3:o 2:b:o 2:0:o 2:6:o 2:1s:o 2:3:o 3:7:o 2:6:o 2:r:o 2:3:o 2:4:o 2:0:o 4:6:o 2:9f:o
    3:83:o 3:1d:o 1:i3:3i g:4:3i 2:e:3i 11t:6:13 2:g:13 3:6:13 2:1:13 2:4:13 1jq:5g:2c 3:f:2c 16:22:0 6:9:0 5:1:0
    wx:3:3 2:q:3 2:1:3 2:0:3 3:0:3 2:9:3 2:3:3 2:0:3 2:0:3 7:0:3 5:0:3 2:0:3 2:0:3 2:2:3 2:1:3 2:0:3 3:0:3 2:0:3
    2:0:3 2:0:3 2:0:3 2:1:3 2:0:3 3:3:3 2:6:3 2:3:3 2:3:3 2:0:3 2:9:3 2:g:3 6:2:3 2:4:3 2:g:3 1h:1:3 7j:17:o 5:2r:o
    d:e:o 3:e:o 2:e:o 2:10:o b:c:o 4:u:o 2:1n:o 5:1o:o 1m:p:o 1:0:1a 1:1:o e:17:o 5:8:o 8:1:o 4v:r6:o e:c:o 4:6:o
    a:37:o d:2c:o 18:b:o 5:1j:o 9:9:o 7:13:o 9:t:o 2r:e:o 2:7:o 9:0:o 3:b:o 2:b:o 5:e:o y:h:o 1b:0:o 18g:wye:1a
    16:378:1a c:65:1a 3:4g1:1a 867:f1:1a fhes:0:o v:2n:o 3l:6n:1i
    """

  /// As regular expressions have it.
  static let pattern: StaticString = """
    0:1s:o 1:p:1v 1:5:o 1:p:1v 1:1a:o 1:0:1v 1:e:o 1:0:1v 1:4:o 1:m:1v 1:0:o 1:u:1v 1:0:o 1:cg:1v 1:12:o 1:4:1v
    1:4:o 1:1:c 1:j:o 1:33:1i 1:3:16 1:0:o 1:2:16 3:3:16 1:0:o 1:0:16 5:0:16 1:0:o 1:0:16 1:0:o 1:2:16 2:0:16 2:j:16
    2:1q:16 1:d:p 1:f:16 1:3o:s 1:1:1i 1:4o:s 2:11:4 3:1d:4 3:2:4 2:1i:1f 9:q:1f 5:5:1f c:4:3 1:0:o 1:5:3 1:0:o
    1:d:3 1:0:o 1:2:3 1:0:o 1:v:3 1:0:o 1:9:3 1:a:1i 1:p:3 1:0:1i 1:2z:3 1:0:o 1:x:3 1:d:3p 2:1n:3p 3:2:3p 1:1b:3
    1:1d:3z f:1m:2p 3:2:2p 1:19:3d 3:e:3d 2:r:26 3:0:26 2:a:3p 6:u:3 2:1:3 6:22:3 1:0:o 1:s:3 1:28:u 1:3:1i 1:e:u
    1:1:o 1:p:u 1:3:a 2:7:a 3:1:a 3:l:a 2:6:a 2:0:a 4:3:a 3:8:a 3:1:a 3:3:a 9:0:a 5:1:a 2:4:a 3:o:a 3:2:19 2:5:19
    5:1:19 3:l:19 2:6:19 2:1:19 2:1:19 2:1:19 3:0:19 2:4:19 5:1:19 3:2:19 4:0:19 8:3:19 2:0:19 8:g:19 b:2:17 2:8:17
    2:2:17 2:l:17 2:6:17 2:1:17 2:4:17 3:9:17 2:2:17 2:2:17 3:0:17 g:3:17 3:b:17 8:6:17 2:2:32 2:7:32 3:1:32 3:l:32
    2:6:32 2:1:32 2:4:32 3:8:32 3:1:32 3:2:32 8:2:32 5:1:32 2:4:32 3:h:32 b:1:3w 2:5:3w 4:2:3w 2:3:3w 4:1:3w 2:0:3w
    2:1:3w 4:1:3w 4:2:3w 4:b:3w 5:4:3w 4:2:3w 2:3:3w 3:0:3w 7:0:3w f:k:3w 6:c:3y 2:2:3y 2:m:3y 2:f:3y 3:8:3y 2:2:3y
    2:3:3y 8:1:3y 2:2:3y 3:0:3y 3:3:3y 3:9:3y 8:8:3y 1:c:1n 2:2:1n 2:m:1n 2:9:1n 2:4:1n 3:8:1n 2:2:1n 2:3:1n 8:1:1n
    7:1:1n 2:3:1n 3:9:1n 2:2:1n d:c:25 2:2:25 2:1e:25 2:2:25 2:5:25 5:f:25 3:p:25 2:2:3j 2:h:3j 4:n:3j 2:8:3j 2:0:3j
    3:6:3j 4:0:3j 5:5:3j 2:0:3j 2:7:3j 7:9:3j 3:2:3j d:1l:40 5:0:o 1:r:40 12:1:1u 2:0:1u 2:4:1u 2:n:1u 2:0:1u 2:m:1u
    3:4:1u 2:0:1u 2:6:1u 2:9:1u 3:3:1u x:1z:41 2:z:41 5:12:41 2:z:41 2:e:41 2:6:41 1:3:o 1:1:41 12:4f:2k 1:11:12
    2:0:12 6:0:12 3:16:12 1:0:o 1:3:12 1:73:1b 1:20:11 2:3:11 3:6:11 2:0:11 2:3:11 3:14:11 2:3:11 3:w:11 2:3:11
    3:6:11 2:0:11 2:3:11 3:e:11 2:1k:11 2:3:11 3:1u:11 3:v:11 4:p:11 7:2d:m 3:5:m 3:hr:h 1:s:2s 4:22:3c 1:2:o 1:a:3c
    8:l:3q a:0:3q 1:k:1d 1:1:o a:j:g d:c:3r 2:2:3r 2:1:3r d:2l:1r 3:9:1r 7:9:1r 7:1:2h 1:1:o 1:0:2h 1:0:o 1:j:2h
    7:2g:2h 8:16:2h 6:1x:h b:u:1x 2:b:1x 5:b:1x 5:0:1x 4:b:1x 1:t:3s 3:4:3s c:17:2n 5:p:2n 7:a:2n 4:1:2n 1:v:1r
    1:r:f 3:1:f 1:1q:3t 2:s:3t 3:a:3t 7:9:3t 7:d:3t 3:u:1i 1e:24:6 2:1d:6 1:1r:3n 1:1f:9 9:3:9 1:1j:1w 4:e:1w 4:2:1w
    1:1b:2t 1:a:s 6:16:12 3:2:12 1:7:3n 9:2:1i 1:0:o 1:c:1i 1:0:o 1:6:1i 1:3:o 1:0:1i 1:5:o 1:0:1i 1:2:o 1:1:1i
    1:0:o 6:11:1v 1:4:16 1:0:s 1:1c:1v 1:4:16 1:3:1v 1:4:16 1:c:1v 1:0:s 1:1x:1v 1:0:16 1:1r:1i 1:73:1v 1:l:16
    3:5:16 3:11:16 3:5:16 3:7:16 2:0:16 2:0:16 2:0:16 2:u:16 3:1g:16 2:e:16 2:d:16 3:5:16 2:i:16 3:2:16 2:8:16 2:b:o
    1:1:1i 1:2e:o 2:a:o 1:0:1v 3:a:o 1:0:1v 1:e:o 2:c:1v 4:w:o g:w:1i g:11:o 1:0:16 1:2:o 1:1:1v 1:5:o 1:0:1v 1:q:o
    1:0:1v 1:g:o 1:14:1v 1:2:o 5:ih:o n:a:o m:pr:o 1:73:e 1:hf:o 3:v:o 2:2w:o 1:2n:13 1:v:1v 1:37:p 6:6:p 1:11:12
    2:0:12 6:0:12 3:1j:42 8:1:42 f:0:42 1:m:11 a:6:11 2:6:11 2:6:11 2:6:11 2:6:11 2:6:11 2:6:11 2:6:11 2:v:s 1:2l:o
    z:p:1a 2:2g:1a d:5x:1a r:k:o 1:0:1a 1:0:o 1:0:1a 1:o:o 1:8:1a 1:3:1i 1:1:1b 1:7:o 1:3:1a 1:3:o 2:2d:1g 3:1:1i
    1:1:o 1:2:1g 1:0:o 1:2h:1o 1:1:o 1:2:1o 6:16:c 2:2l:1b 2:f:o 1:v:c 1:11:o a:0:o 1:f:1o 1:u:1b 2:1r:o 1:u:1b
    1:28:o 1:1a:1o 1:0:o 1:2f:1o 1:4n:o 1:533:1a 1:1r:o 1:g73:1a 1:wc:49 4:1i:49 a:1b:20 1:8b:45 l:2n:s 1:2f:7 9:x:o
    1:2t:1v 1:2:o 1:1u:1v 3:1:1v 2:0:1v 2:7:1v m:d:1v 1:18:3o 4:9:o 7:1j:38 9:1x:3e 9:b:3e 7:v:u 1:19:1p 1:0:o
    1:0:1p 1:z:3b c:0:3b 1:s:1b 4:25:1l 2:0:o 1:9:1l 5:1:1l 1:u:2k 2:1i:l a:d:l 3:9:l 3:3:l 1:v:2k 1:1u:3u p:4:3u
    1:m:2b b:5:11 3:5:11 3:5:11 a:6:11 2:6:11 2:16:1v 1:0:o 1:8:1v 1:0:16 1:3:1v 1:1:o 5:27:m 1:19:2b 3:9:2b
    7:8mb:1b d:m:1b 5:1c:1b 6it:a5:1a 3:2x:1a 13:6:1v d:4:4 6:p:1f 2:4:1f 2:0:1f 2:1:1f 2:1:1f 2:9:1f 1:36:3 h:a2:3
    1:1:o 1:27:3 3:1h:3 8:0:3 x:f:3 1:f:1i 1:9:o 7:d:1i 1:1:s 1:y:o 2:i:o 2:3:o 5:4:3 2:3q:3 3:0:o 2:v:o 1:p:1v
    1:5:o 1:p:1v 1:a:o 1:9:1o 1:0:o 1:18:1o 1:1:o 1:u:1b 4:5:1b 3:5:1b 3:5:1b 3:2:1b 4:6:o 2:6:o b:4:o 3:b:1z 2:p:1z
    2:i:1z 2:1:1z 2:e:1z 3:d:1z z:3e:1z 6:2:o 5:18:o 4:8:o 1:26:16 2:c:o 4:0:16 1c:18:o 1:0:1i 3n:s:21 4:1c:i g:0:1i
    1:q:o 5:z:2v a:2:2v 1:q:14 6:16:2x 6:t:44 2:0:44 1:z:2y 5:d:2y 17:27:t 1:1b:3g 1:t:34 3:9:34 7:z:33 5:z:33
    5:13:z 9:1f:j c:0:j 41:8m:1y a:l:1y b:7:1y p:5:1v 2:15:1v 2:8:1v 1y:5:r 3:0:r 2:17:r 2:1:r 4:0:r 3:0:r 1:l:1h
    2:8:1h 1:v:36 1:u:2l 9:8:2l 1d:i:1e 2:1:1e 6:4:1e 1:r:39 4:0:39 1:p:22 6:0:22 1t:v:2e 1:n:2d 5:j:2d 3:19:2d
    1:3:1q 2:1:1q 6:7:1q 2:2:1q 2:s:1q 3:2:1q 5:9:1q 8:8:1q 8:v:30 1:v:2w x:12:27 5:b:27 a:1h:5 4:6:5 1:l:1k 3:7:1k
    1:i:1j 6:7:1j 1:h:3a 8:3:3a d:6:3a 29:20:31 1k:1e:2u e:1e:2u 8:5:2u 1:13:1c 9:9:1c 87:u:3 2:15:48 2:2:48 3:1:48
    h:2:3 1k:3:3 1:13:2z 9:15:3k 2f:r:n l:m:10 a:25:d 5:z:d a:0:d 1:1u:1m b:0:1m 3:o:3l 8:9:3l 7:1g:k 2:h:k 9:12:23
    a:2n:3f 2:j:3j c:h:1s 2:1a:1s 1r:6:2j 2:0:2j 2:3:2j 2:e:2j 2:a:2j 7:1m:1t 6:9:1t 7:3:15 2:7:15 3:1:15 3:l:15
    2:6:15 2:1:15 2:4:15 2:0:1i 1:8:15 3:1:15 3:2:15 3:0:15 7:0:15 6:6:15 3:6:15 4:4:15 3w:2j:2o 2:4:2o v:1z:43
    9:9:43 4n:1h:3h 3:11:3h z:1w:2g c:9:2g 7:c:2h k:1l:3v 7:9:3v 7:j:2k t:q:1 3:e:1 5:m:1 56:1n:w 2t:2a:47 d:0:47
    1:6:v 3:0:v 3:7:v 2:1:v 2:t:v 2:1:v 3:b:v a:9:v 1z:7:2m 3:19:2m 3:a:2m s:1z:4a 9:2a:3m e:f:h 1:1k:37 8:9:u
    6v:8:b 2:18:b 2:d:b b:s:b 4:v:28 3:l:28 2:d:28 22:6:29 2:1:29 2:17:29 4:0:29 2:1:29 2:8:29 9:9:29 7:5:18 2:1:18
    2:10:18 2:1:18 2:5:18 8:9:18 8n:o:24 54:0:20 g:1d:3w e:0:3w 1:pl:q 2v:32:q 2:4:q c:5f:q 24d:ut:y b:32y:y 6:g6:2
    6nu:fs:7 8:u:2i 2:9:2i 5:1:2i 2p:t:8 3:5:8 b:1x:35 b:9:35 2:6:35 2:k:35 6:i:35 j5:2i:2a 2u:22:2f 5:1k:2f 8:g:2f
    1t:0:3x 1:0:2q 1:1:1a d:1:1a f:4qf:3x 9:lb:3x e9:8:3x 6w8:3:1o 2:6:1o 2:1:1o 2:0:1o 1:7y:1g 1:2:1o g:0:1g u:2:1g
    3:0:1o f:3:1o 9:az:2q 1s5:2y:x 6:c:x 4:8:x 8:9:x 3:3:x 1:3:o 319:6x:o 7:c3:o 25:19:1i 3:m:1i a:37:o 1p:6t:o
    b:12:o 3:1p:o 1:2:1i 1:g:o 1:7:1i 1:1:o 1:6:1i 1:t:o 1:3:1i 1:1o:o m:1x:16 3f:j:o d:j:o d:2e:o a:o:o 3s:2c:o
    2:1y:o 2:1:o 3:0:o 3:1:o 3:3:o 2:b:o 2:0:o 2:6:o 2:1s:o 2:3:o 3:7:o 2:6:o 2:r:o 2:3:o 2:4:o 2:0:o 4:6:o 2:9f:o
    3:83:o 3:1d:o 1:i3:3i g:4:3i 2:e:3i up:u:1v 7:5:1v 5y:6:13 2:g:13 3:6:13 2:1:13 2:4:13 6:1p:s y:0:s 35:18:2r
    4:d:2r 3:9:2r 5:1:2r a9:1l:46 6:0:46 yp:6:11 2:3:11 2:1:11 2:e:11 2:5g:2c 3:f:2c 16:23:0 5:9:0 5:1:0 lu:1v:o
    25:1o:o 5f:3:3 2:q:3 2:1:3 2:0:3 3:0:3 2:9:3 2:3:3 2:0:3 2:0:3 7:0:3 5:0:3 2:0:3 2:0:3 2:2:3 2:1:3 2:0:3 3:0:3
    2:0:3 2:0:3 2:0:3 2:0:3 2:1:3 2:0:3 3:3:3 2:6:3 2:3:3 2:3:3 2:0:3 2:9:3 2:g:3 6:2:3 2:4:3 2:g:3 1h:1:3 7j:17:o
    5:2r:o d:e:o 3:e:o 2:e:o 2:10:o b:4t:o 1l:p:o 1:0:1g 1:1:o e:17:o 5:8:o 8:1:o f:5:o 4b:rb:o 5:g:o 4:c:o 4:3a:o
    5:2m:o 7:b:o 5:0:o g:b:o 5:1j:o 9:9:o 7:13:o 9:t:o 3:b:o 5:1:o 1r:9f:o d:d:o 3:c:o 4:9:o 6:1j:o 8:e:o 3:a:o
    7:8:o 8:42:o 2:2t:o sn:wyn:1a x:37d:1a 7:65:1a 3:4g1:1a f:5rk:1a g:h9:1a 1wj:f1:1a 15v:3t6:1a 6:38f:1a f976:0:o
    v:2n:o 3l:6n:1i
    """
}
