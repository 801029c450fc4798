using System.Text.Json;
using Gateway.Cli;

namespace Gateway.Tests.Cli;

public sealed class CheckCommandTests
{
    [Fact]
    public void A_good_file_is_summed_up()
    {
        var (exit, output, error) = Cli.Run(CheckCommand.Create(), "--config", RepositoryFiles.PathOf("config/demo.yaml"));

        Assert.Equal((ExitCodes.Fine, ""), (exit, error));
        Assert.Equal($"{RepositoryFiles.PathOf("config/demo.yaml")} is fine: 5 echoes, 6 speakers, 1 transmitter, 2 adapters, 4 groups, 2 routines.\n", output);
    }

    [Fact]
    public void Errors_go_to_stderr_in_the_form_that_editors_jump_to()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("tutti.yaml", "mqtt:\n  ur: x\nweb: { listen: a }\n");

        var (exit, output, error) = Cli.Run(CheckCommand.Create(), "--config", path);

        Assert.Equal((ExitCodes.UsageOrConfiguration, ""), (exit, output));
        Assert.Equal($"{path}:2:3: mqtt.ur: \"ur\" is no setting of mqtt. Did you mean \"url\"?\n{path}:3:16: web.listen: \"a\" is not an address to listen on. Write host:port, such as 127.0.0.1:8099 or [::]:8099, or off.\n{path}: 2 errors.\n", error);
    }

    [Fact]
    public void Json_stands_alone_on_stdout()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("tutti.yaml", "speakers: [{ name: A }]\ngroups: [{ name: G }]\nmqtt: 3\n");

        var (exit, output, error) = Cli.Run(CheckCommand.Create(), "--json", "--config", path);

        Assert.Equal((ExitCodes.UsageOrConfiguration, ""), (exit, error));
        var json = JsonDocument.Parse(output).RootElement;
        Assert.False(json.GetProperty("valid").GetBoolean());
        var problem = json.GetProperty("errors")[0];
        Assert.Equal((path, 3, 7, "mqtt"), (problem.GetProperty("file").GetString(), problem.GetProperty("line").GetInt32(), problem.GetProperty("column").GetInt32(), problem.GetProperty("setting").GetString()));
        Assert.Equal("groups[0]", json.GetProperty("warnings")[0].GetProperty("setting").GetString());
        Assert.Equal(JsonValueKind.Number, json.GetProperty("summary").GetProperty("speakers").ValueKind);
    }

    [Fact]
    public void Models_that_look_like_slips_are_told_with_what_is_near_in_the_catalogue()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("tutti.yaml", """
            echoes:
              - { name: A, model: Echo Dott (5th gen) }
              - { name: B, model: Toaster 3000 }
              - { name: C, model: Echo Dot 5 }
            speakers:
              - { name: S, model: JBL Flipp 6 }
              - { name: T, model: A speaker that no catalogue has }
            transmitters:
              - { name: U, model: Avantree Oasiss Plus, slots: 2 }
            """);

        var (exit, _, error) = Cli.Run(CheckCommand.Create(), "--config", path);

        Assert.Equal(ExitCodes.Fine, exit);
        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.Contains(":2:23: echoes[0].model: \"Echo Dott (5th gen)\" is no Echo model that is known here, so its sockets are asked for. Did you mean \"Echo Dot (5th gen)\"", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("Write the model as the Alexa app shows it (About), such as Echo Dot (5th gen).", lines[1], StringComparison.Ordinal);
        Assert.Contains("speakers[0].model: \"JBL Flipp 6\" is no speaker model whose habits are known here. Did you mean \"JBL Flip 6\"", lines[2], StringComparison.Ordinal);
        Assert.Contains("transmitters[0].model: \"Avantree Oasiss Plus\" is no transmitter model that is known here. Did you mean \"Avantree Oasis Plus\"", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_an_error_with_no_place()
    {
        var (exit, output, _) = Cli.Run(CheckCommand.Create(), "--config", "/nowhere/tutti.yaml", "--json");

        Assert.Equal(ExitCodes.UsageOrConfiguration, exit);
        Assert.Equal(JsonValueKind.Null, JsonDocument.Parse(output).RootElement.GetProperty("errors")[0].GetProperty("line").ValueKind);
    }

    [Fact]
    public void With_a_house_the_checklist_names_what_stands_in_the_way_and_the_remedy()
    {
        using var folder = new TemporaryFolder();
        var house = folder.Write("house.yaml", "echoes: [{ id: kitchen, online: true, firmware: \"1.20.0\" }]\n");
        var config = RepositoryFiles.PathOf("config/demo.yaml");

        var (exit, output, _) = Cli.Run(CheckCommand.Create(), "--config", config, "--house", house, "--json");
        var (_, text, _) = Cli.Run(CheckCommand.Create(), "--config", config, "--house", house);

        Assert.Equal(ExitCodes.Fine, exit);
        var items = JsonDocument.Parse(output).RootElement.GetProperty("checklist").EnumerateArray().ToList();
        var firmware = Assert.Single(items, i => i.GetProperty("device").GetString() == "kitchen" && i.GetProperty("title").GetString() == "Firmware");
        Assert.Equal(("fail", "G3"), (firmware.GetProperty("result").GetString(), firmware.GetProperty("rule").GetString()));
        Assert.NotEqual("", firmware.GetProperty("remedy").GetString());
        Assert.Contains("fail    Kitchen: Firmware (G3). ", text, StringComparison.Ordinal);
    }
}
