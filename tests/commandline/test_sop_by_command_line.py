"""A service day that ends in a complaint, typed at the command line from the opening to the report."""

from datetime import UTC, datetime, timedelta

from tests.commandline.conftest import OPENING, Terminal


def complaint_day(demo: Terminal) -> str:
    day = demo.ok(*OPENING)
    demo.do("kepala", day, "delegasi", versi_standar="v1", arahan="Senyum", konfirmasi=True)
    instruction = {"petugas_bertugas": ["petugas"], "perilaku_disampaikan": True}
    demo.do("katim", day, "instruksi", **instruction)
    unready = {
        "hadir": True,
        "atk_siap": False,
        "sistem_siap": True,
        "alasan_tidak_siap": "ATK habis",
        "petugas": "petugas",
    }
    demo.do("petugas", day, "kesiapan", **unready)
    demo.do("katim", day, "instruksi", **instruction)
    ready = {"hadir": True, "atk_siap": True, "sistem_siap": True, "pelanggan_menunggu": True, "petugas": "petugas"}
    visit = {"jenis_layanan": "sanitasi-kapal", "nama_pelanggan": "Tuan Rahasia", "no_permintaan": "P-1"}
    demo.do("petugas", day, "kesiapan", **ready, **visit)
    demo.do("petugas", day, "pelayanan", persyaratan_lengkap=True, hasil="selesai", no_dokumen="D-1")
    told = dict.fromkeys(("info_persyaratan", "info_biaya", "info_waktu", "info_kanal_pengaduan"), True)
    demo.do("petugas", day, "informasi", **told)
    complaint = {"isi_keluhan": "Petugas tidak ramah sekali", "anonim": False, "kontak": "0812000111"}
    demo.do("katim", day, "penerimaan", sesuai_standar="tidak", ajukan_keluhan=True, **complaint)
    told_at = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    answer = {
        "klasifikasi": "perilaku",
        "kronologi": "Begini ceritanya",
        "tindakan": "Ditegur",
        "jawaban": "Mohon maaf",
    }
    sent = {"terbukti": "ya", "cara_penyampaian": "telepon", "disampaikan_pada": told_at}
    demo.do("katim", day, "tindak_lanjut", **answer, **sent)
    demo.do("kepala", day, "laporan_keluhan", telaah="Baik sekali", rekomendasi="Lanjutkan")
    return day


def test_a_service_day_runs_from_its_opening_to_the_report_on_a_complaint(demo: Terminal) -> None:
    day = complaint_day(demo)
    shown = demo.json("show", day)
    assert shown["instance"]["state"] == "COMPLETED"
    assert shown["instance"]["business_key"].startswith("K-")
    assert shown["tokens"] == []
    assert {task["state"] for task in shown["tasks"]} == {"COMPLETED"}
    assert [row["id"] for row in demo.json("instances", "--state", "completed")] == [day]
    assert "Hasil menjalankan ulang sama." in demo.ok("replay", "--all")
    assert "Jurnal utuh" in demo.ok("verify")


def test_what_was_personal_is_shown_nowhere(demo: Terminal) -> None:
    day = complaint_day(demo)
    for output in (demo.ok("show", day), demo.ok("show", day, "--json"), demo.ok("instances", "--json")):
        assert "tidak ramah" not in output
        assert "Tuan Rahasia" not in output


def test_the_officer_complained_of_sees_only_that_the_case_exists(demo: Terminal) -> None:
    day = complaint_day(demo)
    assert "tidak terbuka" in demo.ok("show", day, "--as", "petugas")
    assert demo.json("show", day, "--as", "petugas")["history"] == []
