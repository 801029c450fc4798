using System.Text.Json;

namespace Gateway.Engine.Tests.Planning;

public sealed class PlanStepTests
{
    private static readonly PlanStep[] s_steps =
    [
        new ConnectStep("bath", null, "hci0", "why"), new ConnectStep("kitchen", "bath", null, "why"), new DisconnectStep("kitchen", "tv", null, "why"), new DisconnectStep("bath", "00aa", "hci0", "why"),
        new PairStep("bath", "hci0", "why"), new CreateWifiGroupStep("party", ["kitchen"], "why"), new SetAudioOutputStep("kitchen", "box", "why"), new KeepAwakeStep("bath", "why"),
        new StartStep("party", "why"), new AskUserStep("party", null, ["kitchen"], "why"),
    ];

    [Fact]
    public void Each_step_is_written_with_all_members_and_null_for_what_it_has_not()
    {
        string[] expected =
        [
            """{"do":"connect","device":"bath","peer":null,"adapter":"hci0","why":"why"}""", """{"do":"connect","device":"kitchen","peer":"bath","adapter":null,"why":"why"}""",
            """{"do":"disconnect","device":"kitchen","peer":"tv","adapter":null,"why":"why"}""", """{"do":"disconnect","device":"bath","peer":"00aa","adapter":"hci0","why":"why"}""",
            """{"do":"pair","device":"bath","peer":null,"adapter":"hci0","why":"why"}""", """{"do":"create_wifi_group","device":"party","peer":null,"adapter":null,"why":"why"}""",
            """{"do":"set_audio_output","device":"kitchen","peer":"box","adapter":null,"why":"why"}""", """{"do":"keep_awake","device":"bath","peer":null,"adapter":null,"why":"why"}""",
            """{"do":"start","device":"party","peer":null,"adapter":null,"why":"why"}""", """{"do":"ask_user","device":"party","peer":null,"adapter":null,"why":"why"}""",
        ];

        var written = JsonSerializer.SerializeToElement(Plan, PlanJson.Default.Plan).GetProperty("steps").EnumerateArray().Select(s => s.GetRawText());

        Assert.Equal(expected, written);
    }

    [Fact]
    public void Every_kind_of_step_is_among_these_and_has_a_form_and_a_sentence()
    {
        var kinds = typeof(PlanStep).Assembly.GetTypes().Where(t => t.BaseType == typeof(PlanStep));

        Assert.Equal(kinds.Select(k => k.Name).Order(), s_steps.Select(s => s.GetType().Name).Distinct().Order());
        Assert.NotEmpty(PlanText.Write(Plan, new HouseKit().House()));
    }

    private static Plan Plan => new() { Feasible = true, Automatic = Automation.Yes, Route = Route.FanOut, Steps = s_steps };
}
