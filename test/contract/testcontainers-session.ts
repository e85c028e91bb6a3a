// A user of testcontainers that goes away without tidying: started as a process of its own by the test. Prints what it made.
import { GenericContainer, Network } from "testcontainers";

const [image = ""] = process.argv.slice(2);
const network = await new Network().start();
const containers = await Promise.all([1, 2].map(() => new GenericContainer(image).withNetwork(network).withCommand(["sleep", "600"]).start()));
process.stdout.write(`${JSON.stringify({ network: network.getId(), containers: containers.map((container) => container.getId()) })}\n`);
process.exit(0);
