namespace Gateway.Engine.Tests.Physics;

/// <summary>Does the group sound, with all its members and one sound for all? By route, from the rules' own words.</summary>
internal sealed class Goal(Spec spec, Plan plan, World world)
{
    private string? FeedingEcho => spec.Source?.StartsWith("echo:", StringComparison.Ordinal) == true ? spec.Source[5..] : null;

    private TransmitterSpec[] Boxes => [.. spec.Transmitters.Where(t => t.Speakers.All(plan.Members.Contains))];

    public static AudioOutput OutputFor(EchoSpec echo, TransmitterSpec box) => box.Output ?? (echo.Model == "Echo Link" ? AudioOutput.Optical : AudioOutput.LineOut);

    public void Check()
    {
        if (!world.Started) world.Fail("goal", "nothing is started");
        if (!plan.Members.ToHashSet().SetEquals(spec.Members)) world.Fail("goal", "other members than asked for");
        switch (plan.Route)
        {
            case Route.WifiGroup: Wifi(plan.Members); break;
            case Route.StereoPair: Stereo(); break;
            case Route.FanOut: Gateway(); foreach (var m in plan.Members) FanOut(m); break;
            case Route.AirPlay: Gateway(); foreach (var m in plan.Members) if (spec.Speaker(m)?.AirPlay != true) world.Fail("S2", $"{m} is not offered"); break;
            case Route.PartyMode: Party(); break;
            case Route.Transmitter: Transmitter(); break;
            case Route.Mixed: Mixed(); break;
            default: world.Fail("route", $"{plan.Route} is no route to play on"); break;
        }
    }

    private void Wifi(IReadOnlyList<string> members)
    {
        if (plan.Source == "alexa" && members.Count == 1 && spec.Echo(members[0]) is { } alone)
        {
            if (alone.Online == false) world.Fail("G3", $"{alone.Id} is offline");
            if (alone.LinkKnown && world.EchoLink(alone.Id) is { Role: LinkRole.PlaysTo }) world.Fail("L5", $"{alone.Id} plays elsewhere by Bluetooth");
            return;
        }

        if (plan.Source != "alexa") world.Fail("G7", $"a Wi-Fi group cannot play {plan.Source}");
        if (!world.HasWifiGroup(members)) world.Fail("G1", "there is no such Wi-Fi group");
        if (members.Count > 3) world.Fail("G2", "too many members");
        foreach (var m in members)
        {
            if (spec.Echo(m) is { MayGroup: false }) world.Fail("G1", $"{m} may not");
            if (spec.Speaker(m) is { } s && s.AlexaGroup != Tristate.Yes && !(s.Matter && s.AlexaGroup == Tristate.Unknown)) world.Fail("G1", $"{m} is Bluetooth-only");
        }

        OverWifi([.. members.Select(spec.Echo).OfType<EchoSpec>()], members.Count);
    }

    private void OverWifi(EchoSpec[] echoes, int count)
    {
        foreach (var e in echoes)
        {
            if (e.Online == false) world.Fail("G3", $"{e.Id} is offline");
            if (e.Firmware == "1.20.0") world.Fail("G3", $"{e.Id} is too old");
            if (world.EchoLink(e.Id) is not null && e.LinkKnown) world.Fail("L5", $"{e.Id} still has a Bluetooth link");
            if (!e.LinkKnown && !plan.Warnings.Any(w => w.Rule == "L2" && w.Devices.Contains(e.Id))) world.Fail("L2", $"{e.Id} may drop a link, unannounced");
        }

        if (count > 1 && echoes.Select(e => e.Account).OfType<string>().Distinct().Count() > 1) world.Fail("G3", "several accounts");
        if (count > 1 && echoes.Select(e => e.Network).OfType<string>().Distinct().Count() > 1) world.Fail("G3", "several networks");
    }

    private void Stereo()
    {
        if (plan.Source != "alexa") world.Fail("G7", "a pair plays only Alexa");
        var echoes = plan.Members.Select(spec.Echo).OfType<EchoSpec>().ToArray();
        if (echoes.Length != 2 || plan.Members.Count != 2) { world.Fail("G5", "not two Echos"); return; }
        if (echoes[0].Model is { } a && echoes[1].Model is { } b && a != b) world.Fail("G5", "not identical");
        if (!world.HasPair(plan.Members)) world.Fail("G5", "no such pair");
        OverWifi(echoes, 2);
    }

    private void FanOut(string member)
    {
        if (!Fed(member)) world.Fail("goal", $"{member} hears nothing");
        if (spec.Speaker(member)?.Model == "JBL Flip 6" && !world.IsAwake(member)) world.Fail("S1", $"{member} falls asleep");
    }

    private bool Fed(string member) =>
        spec.Speaker(member) is not null ? world.IsAdapter(world.SpeakerLink(member))
        : world.EchoLink(member) is { Role: LinkRole.ReceivesFrom } link && world.IsAdapter(link.Peer);

    /// <summary>The sound reaches the gateway.</summary>
    private void Gateway()
    {
        if (spec.Source == "alexa") world.Fail("G7", "Alexa's sound does not reach the gateway");
        if (plan.Source != spec.Source) world.Fail("goal", $"source {plan.Source}");
        if (spec.Source is null && plan.Unknown.Count == 0) world.Fail("goal", "no source, and nobody asks");
        if (spec.Source?.StartsWith("phone", StringComparison.Ordinal) == true && !world.PhoneLinked) world.Fail("goal", "the phone is not linked");
        if (FeedingEcho is not { } echo) return;
        if (plan.Members.Contains(echo)) world.Fail("L8", $"{echo} feeds and listens");
        if (world.EchoLink(echo) is not { Role: LinkRole.PlaysTo } link || !world.IsAdapter(link.Peer)) world.Fail("L6", $"{echo} does not play to us");
    }

    private void Party()
    {
        var models = plan.Members.Select(m => spec.Speaker(m)?.Model).ToArray();
        if (models.Length < 2 || models.Any(m => m != "Marshall Emberton II")) world.Fail("S4", "not of one brand");
        if (spec.Source == "alexa") world.Fail("G7", "Alexa's sound reaches no speaker");
        var linked = plan.Members.Where(m => world.SpeakerLink(m) is not null and not "stranger").ToArray();
        if (linked.Length != 1) { world.Fail("S4", $"{linked.Length} leaders"); return; }
        var on = world.SpeakerLink(linked[0]);
        if (FeedingEcho is { } echo && on == echo) return;
        if (!world.IsAdapter(on)) world.Fail("S4", $"the leader hears {on}");
        Gateway();
    }

    private void Transmitter()
    {
        var box = spec.Transmitters.FirstOrDefault(t => t.Speakers.ToHashSet().SetEquals(plan.Members));
        if (box is null || plan.Members.Count > box.Slots) { world.Fail("T3", "no such transmitter"); return; }
        // Two boxes may have the same speakers: one that works is enough.
        var all = spec.Transmitters.Where(t => t.Speakers.ToHashSet().SetEquals(plan.Members)).ToArray();
        var errors = all.Select(t => BoxErrors(t, BySelf(t)).ToArray()).MinBy(e => e.Length)!;
        foreach (var (rule, text) in errors) world.Fail(rule, text);
    }

    private bool BySelf(TransmitterSpec box) => box.FedBy != "gateway" && (spec.Source is null or "alexa" || (FeedingEcho is { } f && (box.FedBy is null || f == box.FedBy)));

    private IEnumerable<(string Rule, string Text)> BoxErrors(TransmitterSpec box, bool bySelf)
    {
        foreach (var s in box.Speakers)
        {
            if (world.IsAdapter(world.SpeakerLink(s))) yield return ("L5", $"{s} is still linked to us");
            if (spec.Echo(world.SpeakerLink(s)) is { } holder) yield return ("L5", $"{s} is still linked to {holder.Id}");
        }

        if (!bySelf)
        {
            foreach (var error in GatewayErrors()) yield return error;
        }

        if (box.FedBy == "gateway") yield break;
        if (box.FedBy is null)
        {
            if (!world.WasAsked(box.Id)) yield return ("T2", $"nobody feeds {box.Id}");
            yield break;
        }

        var echo = spec.Echo(box.FedBy)!;
        if (echo.Online == false) yield return ("T2", $"{echo.Id} is offline");
        if (plan.Members.Contains(echo.Id)) yield return ("T2", $"{echo.Id} is silent itself");
        if (Lacks(echo, OutputFor(echo, box))) yield return ("T2", $"{echo.Id} has no such socket");
        if (world.Output(echo.Id) != OutputFor(echo, box)) yield return ("T2", $"{echo.Id} plays to its {world.Output(echo.Id)}");
        var link = world.EchoLink(echo.Id);
        if (echo.LinkKnown && link?.Role == LinkRole.PlaysTo) yield return ("L5", $"{echo.Id} plays by Bluetooth, so its socket is silent");
        if (!bySelf && !Fed(echo.Id)) yield return ("L7", $"{echo.Id} hears nothing from us");
    }

    private IEnumerable<(string Rule, string Text)> GatewayErrors()
    {
        var before = world.Violations.Count;
        Gateway();
        var added = world.Violations.Skip(before).ToArray();
        world.Violations.RemoveRange(before, added.Length);
        return added.Select(a => ("gateway", a));
    }

    /// <summary>What is known for certain not to be a socket that plays out.</summary>
    public static bool Lacks(EchoSpec echo, AudioOutput output) => echo.Model switch
    {
        "Echo Dot (4th gen)" or "Echo Flex" => output == AudioOutput.Optical,
        "Echo Dot (5th gen)" or "Echo Studio" => true,
        _ => false,
    };

    private void Mixed()
    {
        if (plan.ExpectedClass is not null) world.Fail("mixed", "a class before it is measured");
        if (plan.Source == "alexa") { MixedByAlexa(); return; }
        Gateway();
        foreach (var m in plan.Members)
        {
            var byBox = Boxes.Any(b => b.Speakers.Contains(m) && !BoxErrors(b, bySelf: false).Any());
            if (!Fed(m) && !byBox && spec.Speaker(m)?.AirPlay != true && !ByParty(m)) world.Fail("goal", $"{m} hears nothing");
            if (Fed(m) && spec.Speaker(m) is { Model: "JBL Flip 6" } flip && flip.AirPlay != true && !world.IsAwake(m)) world.Fail("S1", $"{m} falls asleep");
        }
    }

    private bool ByParty(string member)
    {
        if (spec.Speaker(member)?.Model != "Marshall Emberton II" || !world.AnyAsked) return false;
        return plan.Members.Any(m => m != member && spec.Speaker(m)?.Model == "Marshall Emberton II" && Fed(m) && world.WasAsked(m));
    }

    private void MixedByAlexa()
    {
        var used = Boxes.Where(b => b.FedBy is not null && spec.Echo(b.FedBy) is not null && !BoxErrors(b, bySelf: true).Any()).ToArray();
        foreach (var combination in Subsets(used))
        {
            var group = plan.Members.Where(m => !combination.Any(b => b.Speakers.Contains(m))).Concat(combination.Select(b => b.FedBy!)).Distinct().ToArray();
            if (combination.Length == 0 || !world.HasWifiGroup(group)) continue;
            var before = world.Violations.Count;
            Wifi(group);
            if (world.Violations.Count == before) return;
            world.Violations.RemoveRange(before, world.Violations.Count - before);
        }

        world.Fail("goal", "no Wi-Fi group of the Echos and of those that feed transmitters");
    }

    private static IEnumerable<TransmitterSpec[]> Subsets(TransmitterSpec[] all) =>
        Enumerable.Range(0, 1 << all.Length).Select(mask => all.Where((_, i) => (mask & (1 << i)) != 0).ToArray());
}
