"""Every rule by which a model is refused or remarked upon: its stable id and its words (ids of the catalogue)."""

from __future__ import annotations

from typing import Any, Final

from engine.errors import Problem

RULES: Final[dict[str, str]] = {
    # the file
    "file_too_large": "Ukuran berkas %(found)s byte, paling besar %(limit)s byte.",
    "dtd_forbidden": "Berkas memuat DOCTYPE; hapus deklarasi itu, entitas dan DTD tidak diterima.",
    "not_xml": "Berkas bukan XML yang benar (baris %(line)s, kolom %(column)s): %(detail)s",
    "encoding_unsupported": 'Pengodean huruf "%(encoding)s" tidak diterima; simpan berkas sebagai UTF-8.',
    "too_deep": "Elemen bersarang lebih dari %(limit)s tingkat.",
    "too_many_elements": "Berkas memuat lebih dari %(limit)s elemen.",
    "not_bpmn": 'Elemen akar harus "definitions" dari BPMN 2.0, ditemukan "%(found)s".',
    "must_understand": 'Perluasan "%(definition)s" wajib dipahami (mustUnderstand) tetapi tidak dikenal.',
    "no_executable_process": 'Tidak ada proses yang dapat dijalankan; beri satu proses atribut isExecutable="true".',
    "several_processes": "Berkas memuat %(count)s proses yang dapat dijalankan (%(keys)s); satu berkas, satu proses.",
    "process_key_mismatch": 'Id proses adalah "%(found)s", diharapkan "%(expected)s" seperti nama foldernya.',
    # ids and references
    "id_missing": 'Elemen "%(element)s" tidak mempunyai id.',
    "id_invalid": 'Id "%(found)s" tidak sah; gunakan huruf, angka, "_", "-" dan ".", diawali huruf atau "_".',
    "duplicate_id": 'Id "%(id)s" dipakai %(count)s kali; setiap elemen harus mempunyai id sendiri.',
    "reference_unknown": 'Atribut "%(attribute)s" menunjuk "%(target)s" yang tidak ada.',
    "reference_missing": 'Atribut "%(attribute)s" harus diisi.',
    "flow_listing_mismatch": 'Daftar "%(element)s" menyebut "%(flow)s", tetapi alur itu tidak ada di sini.',
    # elements and attributes
    "attribute_unsupported": 'Atribut %(attribute)s="%(value)s" belum dapat dijalankan; hapus, atau isi %(expected)s.',
    "attribute_unknown": 'Atribut "%(attribute)s" belum dapat dijalankan pada elemen ini; hapus atribut itu.',
    "element_unsupported": 'Bagian "%(element)s" belum dapat dijalankan; hapus bagian itu.',
    "flow_node_unsupported": 'Elemen "%(type)s" belum dapat dijalankan; gunakan elemen lain.',
    "call_process_missing": "Aktivitas panggil harus menyebut proses yang dipanggil (zeebe:calledElement processId).",
    "call_version_tag_missing": "Panggilan menurut tanda versi harus menyebut tandanya (versionTag).",
    "business_rule_unsupported": "Tabel keputusan belum dapat dijalankan; gunakan tugas skrip dengan ungkapan FEEL.",
    "event_subprocess_unsupported": "Subproses kejadian belum dapat dijalankan; gunakan kejadian batas pada subproses.",
    "transaction_unsupported": "Subproses transaksi belum dapat dijalankan; gunakan subproses biasa.",
    "ad_hoc_unsupported": "Subproses ad hoc belum dapat dijalankan; gunakan subproses biasa.",
    "complex_gateway_unsupported": "Percabangan kompleks belum dapat dijalankan; gunakan percabangan inklusif.",
    "data_store_unsupported": "Penyimpan data belum dapat dijalankan; gunakan variabel proses atau anotasi.",
    "data_binding_unsupported": "Pengikatan data BPMN belum dapat dijalankan; gunakan zeebe:ioMapping.",
    "resource_role_unsupported": "Penunjukan pelaksana BPMN belum dapat dijalankan; gunakan lajur atau "
    "zeebe:assignmentDefinition.",
    "standard_loop_unsupported": "Pengulangan (loop) pada aktivitas belum dapat dijalankan; gambar alur yang kembali.",
    "script_not_feel": "Skrip harus ditulis sebagai FEEL dalam zeebe:script; bahasa lain tidak dijalankan.",
    "expression_language": 'Bahasa ungkapan "%(language)s" tidak dijalankan; gunakan FEEL.',
    "event_definition_unsupported": 'Kejadian "%(kind)s" belum dapat dijalankan; gunakan pewaktu, pesan, atau galat.',
    "several_event_definitions": "Satu kejadian hanya boleh mempunyai satu definisi, ditemukan %(count)s.",
    "timer_incomplete": "Pewaktu harus berisi tepat satu dari timeDuration, timeDate, atau timeCycle.",
    # extensions
    "zeebe_unsupported": 'Perluasan "zeebe:%(element)s" belum dapat dijalankan pada elemen ini; hapus perluasan itu.',
    "zeebe_attribute_unsupported": 'Atribut "%(attribute)s" pada "zeebe:%(element)s" belum dapat dijalankan.',
    "zeebe_repeated": 'Perluasan "zeebe:%(element)s" ditulis lebih dari satu kali.',
    "zeebe_incomplete": 'Perluasan "zeebe:%(element)s" harus mempunyai atribut "%(attribute)s".',
    "property_repeated": 'Properti "%(property)s" ditulis lebih dari satu kali.',
    "engine_extension_unsupported": '"%(extension)s" milik mesin lain dan mengubah jalannya proses; hapus, atau '
    "gunakan perluasan zeebe.",
    # lanes
    "lane_overlap": "Elemen ini berada di dua lajur: %(lanes)s.",
    "lane_group_missing": "Lajur tidak mempunyai nama maupun properti group, sehingga kelompok pelaksananya tidak ada.",
    # how nodes and flows are joined
    "start_missing": "Proses tidak mempunyai kejadian mulai.",
    "subprocess_start_count": "Subproses harus mempunyai tepat satu kejadian mulai, ditemukan %(count)s.",
    "subprocess_start_kind": "Kejadian mulai di dalam subproses harus kosong, tanpa pewaktu atau pesan.",
    "incoming_forbidden": "Tidak boleh ada alur yang masuk ke elemen ini.",
    "outgoing_forbidden": "Tidak boleh ada alur yang keluar dari elemen ini.",
    "incoming_missing": "Tidak ada alur yang masuk ke percabangan ini.",
    "outgoing_missing": "Tidak ada alur yang keluar dari elemen ini.",
    "several_outgoing": "Ada %(count)s alur yang keluar; hanya percabangan boleh membagi alur, tambahkan percabangan.",
    "flow_crosses_container": 'Alur menyeberangi batas subproses dari atau ke "%(node)s".',
    "unreachable": "Tidak ada jalan dari kejadian mulai ke elemen ini.",
    "loop_without_wait": "Putaran tanpa tugas, pesan, atau pewaktu tidak akan pernah berhenti: %(nodes)s.",
    # gateways
    "condition_misplaced": 'Syarat hanya boleh pada alur keluar percabangan eksklusif atau inklusif, bukan "%(node)s".',
    "condition_missing": 'Alur keluar dari "%(node)s" harus mempunyai syarat, atau jadikan alur bawaan.',
    "condition_empty": "Syarat alur ini kosong.",
    "default_misplaced": "Alur bawaan hanya boleh pada percabangan eksklusif atau inklusif.",
    "default_unknown": 'Alur bawaan "%(flow)s" bukan alur keluar dari elemen ini.',
    "default_with_condition": "Alur bawaan tidak boleh mempunyai syarat.",
    "event_gateway_too_few": "Percabangan kejadian harus mempunyai paling sedikit dua alur keluar.",
    "event_gateway_target": "Percabangan kejadian hanya boleh menuju pewaktu, pesan, atau tugas terima; "
    '"%(node)s" bukan.',
    "event_gateway_target_incoming": "Elemen sesudah percabangan kejadian hanya boleh mempunyai satu alur masuk.",
    "event_gateway_target_boundary": "Elemen sesudah percabangan kejadian tidak boleh mempunyai kejadian batas.",
    "event_gateway_target_repeated": "Elemen sesudah percabangan kejadian tidak boleh diulang untuk suatu daftar.",
    "event_gateway_mixed": "Percabangan kejadian tidak boleh mencampur kejadian pesan dengan tugas terima.",
    # events
    "event_misplaced": 'Kejadian "%(kind)s" tidak dapat berada di sini.',
    "event_definition_missing": "Kejadian ini belum mempunyai pewaktu, pesan, atau galat.",
    "timer_start_unsupported": "Mulai dengan pewaktu belum dapat dijalankan; jadwal diatur dalam organisasi.yaml.",
    "message_throw_unsupported": "Mengirim pesan lewat kejadian belum dapat dijalankan; gunakan tugas kirim dengan "
    "zeebe:taskDefinition.",
    "timer_invalid": '"%(text)s" pada %(attribute)s tidak dapat dibaca; contoh yang benar: %(example)s, atau FEEL '
    'diawali "=".',
    "cycle_misplaced": "Pewaktu berulang hanya boleh pada kejadian batas yang tidak menghentikan aktivitas.",
    "message_name_missing": "Pesan tidak mempunyai nama.",
    "message_name_not_literal": 'Nama pesan harus tetap, bukan ungkapan: "%(text)s".',
    "message_start_repeated": 'Pesan "%(message)s" memulai proses di lebih dari satu kejadian mulai.',
    "message_ambiguous": 'Pesan "%(message)s" ditunggu lebih dari satu kali di sini.',
    "correlation_key_missing": "Pesan yang ditunggu harus mempunyai kunci korelasi (correlationKey).",
    "error_code_missing": "Galat yang dilempar harus mempunyai kode (errorCode).",
    "error_code_not_literal": 'Kode galat harus tetap, bukan ungkapan: "%(text)s".',
    "error_uncaught": 'Galat "%(code)s" tidak ditangkap oleh kejadian batas subproses mana pun.',
    "error_ambiguous": 'Galat "%(code)s" ditangkap lebih dari satu kejadian batas di sini.',
    "error_host": 'Kejadian batas galat hanya boleh pada tugas layanan, tugas kirim, atau subproses; "%(node)s" bukan.',
    "error_not_interrupting": "Kejadian batas galat harus menghentikan aktivitasnya.",
    "boundary_host": 'Kejadian batas harus menempel pada aktivitas di wadah yang sama; "%(node)s" bukan.',
    "boundary_never_fires": 'Kejadian batas pada tugas skrip "%(node)s" tidak akan terjadi: skrip selesai seketika.',
    # activities
    "job_type_missing": "Tugas ini harus mempunyai jenis pekerjaan (zeebe:taskDefinition type).",
    "job_type_unknown": 'Jenis pekerjaan "%(type)s" tidak dikenal; yang ada: %(known)s.',
    "retries_invalid": 'Banyaknya percobaan (retries) harus bilangan bulat, ditemukan "%(text)s".',
    "script_missing": "Tugas skrip harus mempunyai zeebe:script.",
    "performer_missing": "Tidak ada pelaksana: letakkan tugas di sebuah lajur atau isi zeebe:assignmentDefinition.",
    "priority_invalid": 'Prioritas harus bilangan bulat 0 sampai 100 atau FEEL, ditemukan "%(text)s".',
    "form_unknown": 'Formulir "%(form)s" tidak ada; yang ada: %(known)s.',
    "form_misplaced": "Kejadian mulai di dalam subproses tidak mempunyai formulir.",
    "loop_output_incomplete": "outputCollection dan outputElement harus diisi keduanya atau dikosongkan keduanya.",
    "input_mapping_misplaced": "Pemetaan masukan hanya boleh pada tugas dan subproses.",
    "variable_name_invalid": 'Nama variabel "%(variable)s" pada %(attribute)s tidak sah; gunakan huruf, angka, "_".',
    "variable_name_reserved": 'Nama variabel "%(variable)s" pada %(attribute)s dipakai oleh mesin; pilih nama lain.',
    # expressions and variables
    "feel_syntax": 'Ungkapan "%(expression)s" pada %(attribute)s salah pada huruf ke-%(position)s: %(detail)s',
    "feel_required": '%(attribute)s harus berupa ungkapan FEEL yang diawali "=", ditemukan "%(text)s".',
    "variable_undeclared": 'Variabel "%(variable)s" dalam "%(expression)s" (%(attribute)s) tidak diisi oleh formulir, '
    "tugas, atau pemetaan mana pun.",
    "variable_kind_conflict": 'Variabel "%(variable)s" dinyatakan dengan jenis yang berlainan: %(places)s.',
    "personal_computed": 'Data pribadi "%(variable)s" hanya boleh dipindahkan utuh; "%(expression)s" '
    "pada %(attribute)s mengolahnya.",
    "personal_decides": 'Data pribadi "%(variable)s" tidak boleh dipakai pada %(attribute)s: "%(expression)s".',
    # properties
    "property_misplaced": 'Properti "%(property)s" tidak berarti pada elemen ini; hapus atau pindahkan.',
    "property_value": 'Properti "%(property)s" bernilai "%(value)s", diharapkan: %(expected)s.',
    "calendar_unknown": 'Kalender kerja "%(calendar)s" tidak ada; yang ada: %(known)s.',
    "calendar_on_date": "Kalender kerja hanya berlaku bagi lamanya waktu, bukan bagi tanggal yang sudah tetap.",
    "personal_unknown": 'Properti personal menyebut "%(variable)s", tetapi result.%(variable)s tidak ada.',
    # forms
    "form_variable_undeclared": 'Variabel "%(variable)s" dalam "%(expression)s" pada formulir "%(form)s" tidak diisi '
    "oleh formulir, tugas, atau pemetaan mana pun.",
    "form_personal": 'Data pribadi "%(variable)s" tidak boleh dipakai dalam "%(expression)s" pada formulir "%(form)s".',
    "form_id_taken": 'Id formulir "%(form)s" sudah dipakai berkas lain.',
    "bpmn_file_count": "Diharapkan tepat satu berkas .bpmn, ditemukan %(count)s: %(paths)s.",
    # notes
    "form_unused": "Formulir ini tidak dipakai oleh proses.",
    "process_not_executable": "Proses ini tidak ditandai dapat dijalankan dan diabaikan.",
    "foreign_ignored": 'Perluasan dari "%(namespace)s" disimpan tetapi tidak berpengaruh (%(count)s kali).',
    "engine_extension_ignored": '"%(extension)s" milik mesin lain; disimpan tetapi tidak berpengaruh.',
    "property_unknown": 'Properti "%(property)s" tidak dikenal; disimpan tetapi tidak berpengaruh.',
    "root_element_ignored": 'Elemen "%(element)s" disimpan tetapi tidak berpengaruh.',
}

NOTES: Final = frozenset(
    {
        "process_not_executable",
        "foreign_ignored",
        "engine_extension_ignored",
        "form_unused",
        "property_unknown",
        "root_element_ignored",
    }
)


def problem(rule: str, element_id: str, element_name: str, /, **params: Any) -> Problem:
    """A finding by a rule of this book; its severity is the rule's."""
    severity = "note" if rule in NOTES else "error"
    return Problem(rule, element_id, element_name, RULES[rule], params, severity)
