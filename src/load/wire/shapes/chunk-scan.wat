;; Reads chunks of an HTTP body whose events are as expected: the same bytes before and behind a text (see event-run.ts).
;; Sixteen bytes at a time, which JavaScript cannot. `npm run wasm` makes chunk-scan-code.ts of it.
;;
;; Memory: what chunk-scan.ts lays out. Loads may go up to 15 bytes beyond what they are asked for, stores of text too.
(module
  (memory (export "memory") 132)

  ;; Whether $length (8 or more) bytes at $a and at $b are the same.
  (func $same (param $a i32) (param $b i32) (param $length i32) (result i32)
    (local $last i32)
    (if (i32.lt_u (local.get $length) (i32.const 16))
      (then
        (local.set $last (i32.sub (local.get $length) (i32.const 8)))
        (return (i32.and
          (i64.eq (i64.load align=1 (local.get $a)) (i64.load align=1 (local.get $b)))
          (i64.eq
            (i64.load align=1 (i32.add (local.get $a) (local.get $last)))
            (i64.load align=1 (i32.add (local.get $b) (local.get $last))))))))
    ;; The end first: that is where events differ.
    (local.set $last (i32.add (local.get $a) (i32.sub (local.get $length) (i32.const 16))))
    (if (v128.any_true (v128.xor
          (v128.load align=1 (local.get $last))
          (v128.load align=1 (i32.add (local.get $b) (i32.sub (local.get $length) (i32.const 16))))))
      (then (return (i32.const 0))))
    (loop $next
      (if (i32.ge_u (local.get $a) (local.get $last)) (then (return (i32.const 1))))
      (if (v128.any_true (v128.xor (v128.load align=1 (local.get $a)) (v128.load align=1 (local.get $b))))
        (then (return (i32.const 0))))
      (local.set $a (i32.add (local.get $a) (i32.const 16)))
      (local.set $b (i32.add (local.get $b) (i32.const 16)))
      (br $next))
    unreachable)

  ;; Whether a backslash and this byte are an escape of two bytes.
  (func $escapes (param $byte i32) (result i32)
    (i32.or (i32.or (i32.or (i32.or (i32.or (i32.or (i32.or
      (i32.eq (local.get $byte) (i32.const 110))    ;; n
      (i32.eq (local.get $byte) (i32.const 34)))    ;; "
      (i32.eq (local.get $byte) (i32.const 92)))    ;; \
      (i32.eq (local.get $byte) (i32.const 116)))   ;; t
      (i32.eq (local.get $byte) (i32.const 47)))    ;; /
      (i32.eq (local.get $byte) (i32.const 114)))   ;; r
      (i32.eq (local.get $byte) (i32.const 98)))    ;; b
      (i32.eq (local.get $byte) (i32.const 102))))  ;; f

  ;; Whether the four bytes of $word are hexadecimal digits.
  (func $isHex (param $word i32) (result i32)
    (local $byte i32) (local $left i32)
    (local.set $left (i32.const 4))
    (loop $next
      (local.set $byte (i32.and (local.get $word) (i32.const 255)))
      (if (i32.and
            (i32.gt_u (i32.sub (local.get $byte) (i32.const 48)) (i32.const 9))
            (i32.gt_u (i32.sub (i32.or (local.get $byte) (i32.const 32)) (i32.const 97)) (i32.const 5)))
        (then (return (i32.const 0))))
      (local.set $word (i32.shr_u (local.get $word) (i32.const 8)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (local.get $left)))
    (i32.const 1))

  ;; Reads whole chunks from $at to $to while each holds nothing but events that begin with the $headLength bytes at
  ;; $head, go on with a text, and end with the $tailLength bytes at $tail. Copies the texts to $out, one behind another.
  ;; Writes to $result how many events there were and where their texts end. Returns the position behind the last chunk.
  (func (export "scan")
    (param $head i32) (param $headLength i32) (param $tail i32) (param $tailLength i32)
    (param $at i32) (param $to i32) (param $out i32) (param $result i32) (result i32)
    (local $count i32) (local $inChunk i32)
    (local $from i32) (local $end i32) (local $size i32) (local $digit i32)
    (local $textFrom i32) (local $textTo i32) (local $text i32)
    (local $bytes v128) (local $special i32)
    (block $stop
      (loop $chunk
        ;; The chunk's size: hexadecimal digits, CR, LF.
        (local.set $from (local.get $at))
        (local.set $size (i32.const 0))
        (block $sized
          (loop $digits
            (br_if $stop (i32.ge_u (local.get $from) (local.get $to)))
            ;; A chunk that is whole within one read has no more than five.
            (br_if $stop (i32.gt_u (i32.sub (local.get $from) (local.get $at)) (i32.const 5)))
            (local.set $digit (i32.sub (i32.load8_u (local.get $from)) (i32.const 48)))
            (if (i32.gt_u (local.get $digit) (i32.const 9))
              (then
                (local.set $digit (i32.sub (i32.or (i32.add (local.get $digit) (i32.const 48)) (i32.const 32)) (i32.const 97)))
                (br_if $sized (i32.gt_u (local.get $digit) (i32.const 5)))
                (local.set $digit (i32.add (local.get $digit) (i32.const 10)))))
            (local.set $size (i32.or (i32.shl (local.get $size) (i32.const 4)) (local.get $digit)))
            (local.set $from (i32.add (local.get $from) (i32.const 1)))
            (br $digits)))
        (br_if $stop (i32.eqz (local.get $size)))
        (br_if $stop (i32.ne (i32.load16_u align=1 (local.get $from)) (i32.const 0x0a0d)))
        (local.set $from (i32.add (local.get $from) (i32.const 2)))
        (local.set $end (i32.add (local.get $from) (local.get $size)))
        (br_if $stop (i32.gt_u (i32.add (local.get $end) (i32.const 2)) (local.get $to)))
        (br_if $stop (i32.ne (i32.load16_u align=1 (local.get $end)) (i32.const 0x0a0d)))

        (local.set $inChunk (i32.const 0))
        (local.set $text (local.get $out))
        (loop $event
          (local.set $textFrom (i32.add (local.get $from) (local.get $headLength)))
          (br_if $stop (i32.ge_u (local.get $textFrom) (local.get $end)))
          (br_if $stop (i32.eqz (call $same (local.get $from) (local.get $head) (local.get $headLength))))
          ;; Texts are joined: one that begins within a character must not complete the one before it.
          (br_if $stop (i32.eq (i32.and (i32.load8_u (local.get $textFrom)) (i32.const 0xc0)) (i32.const 0x80)))
          ;; The text goes on to the first byte that is a quote, a backslash or no printable one.
          (local.set $textTo (local.get $textFrom))
          (block $ended
            (loop $more
              (br_if $stop (i32.ge_u (local.get $textTo) (local.get $end)))
              (local.set $bytes (v128.load align=1 (local.get $textTo)))
              (v128.store align=1 (local.get $text) (local.get $bytes))
              (local.set $special (i8x16.bitmask (v128.or
                (i8x16.lt_u (local.get $bytes) (i8x16.splat (i32.const 32)))
                (v128.or
                  (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 34)))
                  (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 92)))))))
              (if (i32.eqz (local.get $special))
                (then
                  (local.set $textTo (i32.add (local.get $textTo) (i32.const 16)))
                  (local.set $text (i32.add (local.get $text) (i32.const 16)))
                  (br $more)))
              (local.set $special (i32.ctz (local.get $special)))
              (local.set $textTo (i32.add (local.get $textTo) (local.get $special)))
              (local.set $text (i32.add (local.get $text) (local.get $special)))
              (br_if $ended (i32.ne (i32.load8_u (local.get $textTo)) (i32.const 92)))
              (if (i32.eq (i32.load8_u offset=1 (local.get $textTo)) (i32.const 117)) ;; u
                (then
                  (br_if $stop (i32.eqz (call $isHex (i32.load offset=2 align=1 (local.get $textTo)))))
                  (i64.store align=1 (local.get $text) (i64.load align=1 (local.get $textTo)))
                  (local.set $textTo (i32.add (local.get $textTo) (i32.const 6)))
                  (local.set $text (i32.add (local.get $text) (i32.const 6)))
                  (br $more)))
              (br_if $stop (i32.eqz (call $escapes (i32.load8_u offset=1 (local.get $textTo)))))
              (i32.store16 align=1 (local.get $text) (i32.load16_u align=1 (local.get $textTo)))
              (local.set $textTo (i32.add (local.get $textTo) (i32.const 2)))
              (local.set $text (i32.add (local.get $text) (i32.const 2)))
              (br $more)))
          (br_if $stop (i32.eq (local.get $textTo) (local.get $textFrom)))
          (local.set $from (i32.add (local.get $textTo) (local.get $tailLength)))
          (br_if $stop (i32.gt_u (local.get $from) (local.get $end)))
          (br_if $stop (i32.eqz (call $same (local.get $textTo) (local.get $tail) (local.get $tailLength))))
          (local.set $inChunk (i32.add (local.get $inChunk) (i32.const 1)))
          (br_if $event (i32.lt_u (local.get $from) (local.get $end))))

        (local.set $count (i32.add (local.get $count) (local.get $inChunk)))
        (local.set $out (local.get $text))
        (local.set $at (i32.add (local.get $end) (i32.const 2)))
        (br $chunk)))
    (i32.store (local.get $result) (local.get $count))
    (i32.store offset=4 (local.get $result) (local.get $out))
    (local.get $at)))
