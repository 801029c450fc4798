using System.Text.Json;
using Gateway.Cli;

namespace Gateway.Tests.Cli;

public sealed class PlanCommandTests
{
    private static readonly string s_demo = RepositoryFiles.PathOf("config/demo.yaml");

    [Theory]
    [InlineData("party")]
    [InlineData("PARTY")]
    public void A_group_that_can_play_exits_with_0(string group)
    {
        var (exit, output, error) = Plan("--group", group, "--json");

        Assert.Equal((ExitCodes.Fine, ""), (exit, error));
        var plan = JsonDocument.Parse(output).RootElement;
        Assert.Equal(("party", "fan-out", "echo:kitchen"), (plan.GetProperty("group").GetString(), plan.GetProperty("route").GetString(), plan.GetProperty("source").GetString()));
        Assert.Equal(["flip_a", "flip_b", "emberton", "wonderboom"], plan.GetProperty("members").EnumerateArray().Select(m => m.GetString()));
    }

    [Theory]
    [InlineData("everywhere", "wifi-group")]
    [InlineData("terrace", "transmitter")]
    public void The_demo_groups_go_their_ways(string group, string route)
    {
        var (exit, output, _) = Plan("--group", group, "--json");

        Assert.Equal((ExitCodes.Fine, route), (exit, JsonDocument.Parse(output).RootElement.GetProperty("route").GetString()));
    }

    [Fact]
    public void A_group_that_cannot_play_exits_with_3_and_names_the_rule()
    {
        var (exit, output, error) = Plan("--group", "All by Wi-Fi", "--json");

        Assert.Equal((ExitCodes.Infeasible, ""), (exit, error));
        Assert.Contains(JsonDocument.Parse(output).RootElement.GetProperty("blockers").EnumerateArray(), b => b.GetProperty("rule").GetString() == "G1");
    }

    [Fact]
    public void Devices_are_planned_without_a_group()
    {
        var (exit, output, _) = Plan("--device", "Emberton II", "--device", "flip_a", "--source", "echo:KITCHEN", "--json");

        var plan = JsonDocument.Parse(output).RootElement;
        Assert.Equal(ExitCodes.Fine, exit);
        Assert.Equal(JsonValueKind.Null, plan.GetProperty("group").ValueKind);
        Assert.Equal(("echo:kitchen", "emberton"), (plan.GetProperty("source").GetString(), plan.GetProperty("members")[0].GetString()));
    }

    [Fact]
    public void A_house_file_is_believed()
    {
        using var folder = new TemporaryFolder();
        var house = folder.Write("house.yaml", "echoes: [{ id: kitchen, link: { peer: roam, role: plays_to } }]");

        var (_, output, _) = Plan("--group", "party", "--house", house, "--json");

        var drop = Assert.Single(JsonDocument.Parse(output).RootElement.GetProperty("drops").EnumerateArray());
        Assert.Equal(("kitchen", "roam"), (drop.GetProperty("device").GetString(), drop.GetProperty("peer").GetString()));
    }

    [Fact]
    public void The_text_form_begins_with_the_verdict()
    {
        Assert.StartsWith("Yes: ", Plan("--group", "party").Output, StringComparison.Ordinal);
        Assert.StartsWith("No: ", Plan("--group", "all_by_wifi").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--group partt", "There is no group \"partt\". Did you mean \"Party\"?\n")]
    [InlineData("--device flip", "There is no Echo or speaker \"flip\". Did you mean \"flex\" or \"flip_a\" or \"flip_b\"?\n")]
    [InlineData("--device oasis", "There is no Echo or speaker \"oasis\". Known are Kitchen, Living room, Office, Left, Right, JBL Flip 6 A, JBL Flip 6 B, Sonos Roam SL, Bose SoundLink Flex, Emberton II, WONDERBOOM 3.\n")]
    [InlineData("", "It is not said what to plan. Give --group GROUP (Party, Everywhere, Terrace, All by Wi-Fi), or --device DEVICE once or more.\n")]
    [InlineData("--group party --device flip_a", "Both --group and --device are given. Give one of the two.\n")]
    [InlineData("--group party --source radio", "--source: \"radio\" is not a source. Write alexa, echo:<id or name>, phone:<address>, line-in:<source>, file:<path> or pipe:test-signal.\n")]
    [InlineData("--group party --source line-in", "--source: It is not said which line-in, and none is taken unasked. Write line-in: and the name of a source of the sound server (the second column of pactl list short sources), such as line-in:alsa_input.pci-0000_00_1f.3.analog-stereo.\n")]
    [InlineData("--group party --source echo:kichen", "--source: There is no Echo \"kichen\". Did you mean \"Kitchen\"?\n")]
    [InlineData("--group party --house /nowhere/house.yaml", "/nowhere/house.yaml: The file cannot be read: it does not exist. Check the path and the permissions.\n")]
    public void Wrong_usage_exits_with_2_and_says_what_to_do(string arguments, string expected)
    {
        var (exit, output, error) = Plan([.. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--json"]);

        Assert.Equal((ExitCodes.UsageOrConfiguration, "", expected), (exit, output, error));
    }

    [Theory]
    [InlineData("dlna:tv")]
    [InlineData("UPnP://10.0.0.2/x")]
    [InlineData("url:dlna://tv")]
    public void Dlna_is_refused_in_a_sentence(string source)
    {
        var (exit, _, error) = Plan("--group", "party", "--source", source);

        Assert.Equal(ExitCodes.UsageOrConfiguration, exit);
        Assert.Contains("DLNA cannot do it: Echos are no DLNA renderers", error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_in_other_case_is_understood_where_nothing_else_is_meant() => Assert.Equal(ExitCodes.Fine, Plan("--device", "FLIP_A").Exit);

    [Fact]
    public void An_ambiguous_name_exits_with_2_and_lists_the_ids()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("tutti.yaml", "speakers: [{ id: a, name: Flip }, { id: b, name: FLIP }]");

        var (exit, output, error) = Cli.Run(PlanCommand.Create(), "--config", path, "--device", "flip");

        Assert.Equal((ExitCodes.UsageOrConfiguration, "", "\"flip\" is the name of several: speaker a, speaker b. Use the id.\n"), (exit, output, error));
    }

    [Theory]
    [InlineData("speakers: [{ name: A }]", "It is not said what to plan. This configuration has no group. Add one (groups: - name: Party, with its members and source), or give --device DEVICE once or more (A).\n")]
    [InlineData("", "It is not said what to plan. This configuration has no group, Echo or speaker. Name some in it; config/tutti.yaml shows how.\n")]
    public void Where_there_is_no_group_it_is_said_what_to_do(string yaml, string expected)
    {
        using var folder = new TemporaryFolder();

        Assert.Equal((ExitCodes.UsageOrConfiguration, "", expected), Cli.Run(PlanCommand.Create(), "--config", folder.Write("tutti.yaml", yaml)));
    }

    [Fact]
    public void Two_lines_say_it_all_and_the_rest_is_behind_a_blank_line()
    {
        var yes = Plan("--group", "party").Output.Split('\n');
        var no = Plan("--group", "all_by_wifi").Output.Split('\n');

        Assert.Equal(("Yes: Party can play together by fan-out from Kitchen, and the gateway does it all.", "Expected: locked (within 1 ms), once calibrated. No link is cut.", ""), (yes[0], yes[1], yes[2]));
        Assert.Equal("No: All by Wi-Fi cannot play together as things are.", no[0]);
        Assert.StartsWith("What would work: fan-out. Remove route:, or write route: fan-out. Set the source to echo:living_room:", no[1], StringComparison.Ordinal);
        Assert.Equal("", no[2]);
    }

    [Fact]
    public void The_last_step_starts_what_sounds_and_not_what_feeds_it()
    {
        var steps = Plan("--device", "flip_a", "emberton", "--source", "echo:kitchen").Output.Split('\n').Where(l => l.Contains(". Start ", StringComparison.Ordinal));

        Assert.Contains(". Start JBL Flip 6 A and Emberton II.", Assert.Single(steps), StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_that_is_missing_or_wrong_exits_with_2()
    {
        using var folder = new TemporaryFolder();
        var wrong = folder.Write("tutti.yaml", "speakers: 3");

        Assert.Equal((ExitCodes.UsageOrConfiguration, "", "/nowhere/tutti.yaml: The file cannot be read: it does not exist. Check the path and the permissions.\n"), Cli.Run(PlanCommand.Create(), "--config", "/nowhere/tutti.yaml", "--group", "g"));
        Assert.Equal((ExitCodes.UsageOrConfiguration, "", $"{wrong}:1:11: speakers: A list was expected, a single value was found. Write one entry a line, each behind a dash.\n"), Cli.Run(PlanCommand.Create(), "--config", wrong, "--group", "g"));
    }

    private static (int Exit, string Output, string Error) Plan(params string[] arguments) => Cli.Run(PlanCommand.Create(), ["--config", s_demo, .. arguments]);
}
