//! People come in, get a role and go; a supplier says what it can do: through the HTML.

use eslabon::foundation::access::Role;

on_both_engines! {
    async fn a_firm_registers_and_its_administrator_logs_in(app: TestApp) {
        let mut browser = app.browser();
        let register = browser.open("/login").await.expect(200).link("/register");
        let fields = [
            ("organisation-kind", "supplier"),
            ("organisation-name", "Tornos <Norte>"),
            ("organisation-country", "CL"),
            ("organisation-tax_id", "76.086.428-5"),
            ("administrator-name", "Ana Rojas"),
            ("administrator-email", "ana@norte.example"),
            ("administrator-password", "corta"),
        ];
        let wrong = browser.fill(&register, &fields).await.expect(422);
        for field in ["administrator-password", "privacy_notice"] {
            assert!(wrong.text.contains(&format!("id=\"{field}-fault\"")), "{field}: {}", wrong.words());
        }
        let form = wrong.form(&register);
        assert_eq!(form.get("organisation-name"), Some("Tornos <Norte>"));
        assert!(!wrong.text.contains("corta"), "a password is not shown again");
        let form = form.with("administrator-password", "una contraseña larga").with("privacy_notice", "1");
        browser.submit(&form).await.expect(200).says("Su empresa quedó registrada");
        browser.log_in("ana@norte.example", "una contraseña larga").await.expect(303);
        browser.open("/").await.expect(200).says("Tornos <Norte>");

        // What was saved is filled in as it is typed there, and sent again it is the same.
        let page = browser.open("/diagnostics").await.expect(200);
        let begun = browser.send(&page.form("/diagnostics")).await.expect(303).location();
        let question = format!("{begun}/questions/delivery-on-time");
        for typed in ["97,1250", "97,1250"] {
            let form = browser.open(&question).await.expect(200).form("/questions/");
            let value = form.get("value").filter(|value| !value.is_empty()).unwrap_or("97,1250").to_owned();
            browser.submit(&form.with("value", &value)).await.expect(200);
            assert_eq!(browser.open(&question).await.expect(200).form("/questions/").get("value"), Some(typed));
        }

        // Who asks to join learns nothing, registered or not; the administrator decides.
        let mut other = app.browser();
        for tax_id in ["76.086.428-5", "11.111.111-1"] {
            let fields = [("country", "CL"), ("tax_id", tax_id), ("name", "Luz Soto"), ("email", "luz@norte.example"), ("message", "Llevo la calidad.")];
            let there = other.fill("/register/ask", &fields).await.expect(303).location();
            assert_eq!(there, "/register/asked");
        }
        let people = browser.open("/people").await.expect(200);
        people.says("Luz Soto").says("Llevo la calidad.");
        let grant = people.form("/grant").with("role", "supplier_member");
        let page = browser.send(&grant).await.expect(200);
        page.says("Invitación para luz@norte.example");
        let link = page.link("/invitation?secret=");
        let path = link.split_once("/invitation").unwrap().1;
        other.open(&format!("/invitation{path}")).await.expect(200).says("Tornos <Norte>");
        let after = browser.open("/people").await.expect(200);
        assert!(!after.text.contains("secret="), "the link is shown once");
        after.says("luz@norte.example").says("Pendiente");
        browser.submit(&after.form("/revoke")).await.expect(200);
        other.open(&format!("/invitation{path}")).await.expect(409).form("/register/ask");
    }

    async fn an_administrator_changes_roles_and_the_last_one_stays(app: TestApp) {
        let supplier = app.supplier("Tornos").await;
        let mut administrator = app.browser_of(&supplier, Role::SupplierAdministrator).await;
        let mut member = app.browser_of(&supplier, Role::SupplierMember).await;
        let page = administrator.open("/people").await.expect(200);
        let list = member.open("/people").await.expect(200);
        assert!(!list.text.contains("/people/"), "who does not manage people is led nowhere");
        let wrong = administrator.fill("/people", &[("email", "nadie"), ("role", "officer")]).await.expect(422);
        assert!(wrong.text.contains("id=\"email-fault\""));

        let of = |name: &str| {
            let before = page.text.split(name).next().unwrap();
            format!("/people/{}", before.rsplit_once("/people/").unwrap().1.split('"').next().unwrap())
        };
        let path = of("Persona supplier_member");
        member.open(&path).await.expect(403);
        let shown = administrator.open(&path).await.expect(200);
        administrator.submit(&shown.form(&path).with("role", "supplier_reader")).await.expect(200);
        let stale = administrator.send(&shown.form(&path).with("role", "supplier_member")).await.expect(412);
        assert_eq!(stale.form(&path).get("role"), Some("supplier_member"));
        let remove = administrator.open(&path).await.link("/remove");
        let page = administrator.open(&remove).await.expect(200);
        page.says("Persona supplier_member");
        let left = administrator.submit(&page.form(&remove)).await.expect(200);
        assert!(!left.words().contains("Persona supplier_member"));
    }

    async fn a_supplier_says_what_it_can_do(app: TestApp) {
        let supplier = app.supplier("Tornos").await;
        let mut member = app.browser_of(&supplier, Role::SupplierMember).await;
        let profile = member.open("/profile").await.expect(200);
        let process = profile.link("/profile/processes");
        let wrong = member.fill(&process, &[("process", ""), ("code", "12"), ("since_year", "ayer")]).await.expect(422);
        for field in ["process", "code", "since_year"] {
            assert!(wrong.text.contains(&format!("id=\"{field}-fault\"")), "{field}");
        }
        let fields = [("process", "torneado"), ("code", "73181001"), ("since_year", "1998"), ("description", "Hasta <400> mm")];
        member.fill(&process, &fields).await.expect(303);
        let certificate = profile.link("/profile/certificates");
        let fields = [("scheme", "ISO 9001:2015"), ("number", "7"), ("issuer", "Certifica"), ("issued_on", "2020-01-01"), ("expires_on", "2021-01-01")];
        member.fill(&certificate, &fields).await.expect(303);
        let twice = member.fill(&certificate, &fields).await;
        assert!([303, 422].contains(&twice.status.as_u16()));
        let page = member.open("/profile").await.expect(200);
        page.says("torneado Hasta <400> mm").says("1998").says("ISO 9001:2015").says("No vigente");
        member.submit(&page.form("/profile/processes/remove")).await.expect(200);
        let page = member.submit(&page.form("/profile/certificates/")).await.expect(200);
        assert!(!page.words().contains("ISO 9001:2015") && !page.words().contains("torneado"));
        let mut reader = app.browser_of(&supplier, Role::SupplierReader).await;
        reader.open(&process).await.expect(403);
    }
}
